import { Button, Group, NumberInput, Stack, Switch, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Refused } from "../../parts/Refused";
import { Section } from "../../parts/Section";
import { QuietWindowRow } from "./QuietWindowRow";
import { useSetPolicy } from "./queries";
import {
  bodyOf,
  ceilingOf,
  emptyWindow,
  formOf,
  type PolicyView,
  type QuietRow,
  windowProblem,
} from "./rules";

const DAY = 1440;

function minutes(value: string | number): number | "" {
  return typeof value === "number" ? value : "";
}

/** An area's own rules; what the areas above allow is the most that can be filled in. */
export function RulesForm({ view }: { view: PolicyView }) {
  const { t } = useTranslation();
  const [form, setForm] = useState(() => formOf(view));
  const ceiling = ceilingOf(view.inherited);
  const save = useSetPolicy(view.area_id);
  const broken = form.quiet.some((row) => windowProblem(row) !== null);
  const setRow = (changed: QuietRow) =>
    setForm({
      ...form,
      quiet: form.quiet.map((row) => (row.key === changed.key ? changed : row)),
    });
  const most = (limit: number | null) =>
    limit === null
      ? t("administration.rules.empty_means_none")
      : t("administration.rules.above_allows", { number: limit });

  return (
    <Section title={t("administration.rules.own")}>
      <Text fw={600}>{t("administration.rules.quiet_title")}</Text>
      <Text c="dimmed">{t("administration.rules.quiet_hint")}</Text>
      <Stack gap="sm">
        {form.quiet.map((row) => (
          <QuietWindowRow
            key={row.key}
            row={row}
            onChange={setRow}
            onRemove={() =>
              setForm({ ...form, quiet: form.quiet.filter((other) => other.key !== row.key) })
            }
          />
        ))}
      </Stack>
      <Group>
        <Button
          variant="default"
          leftSection={<IconPlus size={20} aria-hidden="true" />}
          onClick={() => setForm({ ...form, quiet: [...form.quiet, emptyWindow()] })}
        >
          {t("administration.rules.quiet_add")}
        </Button>
      </Group>
      <NumberInput
        label={t("administration.rules.volume")}
        description={t("administration.rules.volume_hint", { number: ceiling.max_volume })}
        hideControls
        min={0}
        max={ceiling.max_volume}
        suffix=" %"
        clampBehavior="strict"
        allowDecimal={false}
        value={form.max_volume}
        onChange={(value) =>
          setForm({ ...form, max_volume: typeof value === "number" ? value : ceiling.max_volume })
        }
      />
      <NumberInput
        label={t("administration.rules.session")}
        description={most(ceiling.max_session_minutes)}
        hideControls
        min={1}
        max={ceiling.max_session_minutes ?? DAY}
        allowDecimal={false}
        value={form.max_session_minutes}
        onChange={(value) => setForm({ ...form, max_session_minutes: minutes(value) })}
      />
      <NumberInput
        label={t("administration.rules.day")}
        description={most(ceiling.max_day_minutes)}
        hideControls
        min={1}
        max={ceiling.max_day_minutes ?? DAY}
        allowDecimal={false}
        value={form.max_day_minutes}
        onChange={(value) => setForm({ ...form, max_day_minutes: minutes(value) })}
      />
      <Switch
        size="md"
        label={t("administration.rules.author")}
        description={
          ceiling.author_may_approve
            ? t("administration.rules.author_hint")
            : t("administration.rules.author_forbidden")
        }
        disabled={!ceiling.author_may_approve}
        checked={form.author_may_approve}
        onChange={(event) => setForm({ ...form, author_may_approve: event.currentTarget.checked })}
      />
      <Text>{t("administration.rules.sentence")}</Text>
      <Refused error={save.error} />
      <Group>
        <Button
          disabled={broken}
          loading={save.isPending}
          onClick={() =>
            save.mutate(bodyOf(form), {
              onSuccess: () => notifications.show({ message: t("administration.rules.saved") }),
            })
          }
        >
          {t("administration.rules.press")}
        </Button>
      </Group>
    </Section>
  );
}
