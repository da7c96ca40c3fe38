import { Anchor, Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Area } from "../../parts/areas";
import { Refused } from "../../parts/Refused";
import { Section } from "../../parts/Section";
import { AddArea } from "./AddArea";
import classes from "./administration.module.css";
import { useRenameArea } from "./queries";
import { codeDigits, pathTo } from "./tree";

interface AreaDetailsProps {
  area: Area;
  areas: readonly Area[];
}

/** One area: where it is, its name and number, and what can be added below it. */
export function AreaDetails({ area, areas }: AreaDetailsProps) {
  const { t } = useTranslation();
  return (
    <Stack gap="lg">
      <Section title={area.name}>
        <Text c="dimmed">
          {pathTo(areas, area.id)
            .map((step) => step.name)
            .join(" › ")}
        </Text>
        <Text>
          {t(`administration.level.${area.level}`)}
          {" · "}
          {t("administration.areas.terminals", { number: area.terminals })}
        </Text>
        <Group gap="lg">
          <Anchor component={Link} to={`/loa?area=${area.id}`} className={classes.link}>
            {t("administration.areas.see_terminals")}
          </Anchor>
          {area.level !== "hamlet" && (
            <Anchor
              component={Link}
              to={`/quan-tri/quy-dinh?area=${area.id}`}
              className={classes.link}
            >
              {t("administration.areas.see_rules")}
            </Anchor>
          )}
        </Group>
      </Section>
      <RenameArea area={area} />
      <AddArea parent={area} />
    </Stack>
  );
}

function RenameArea({ area }: { area: Area }) {
  const { t } = useTranslation();
  const [name, setName] = useState(area.name);
  const [code, setCode] = useState(area.code);
  const rename = useRenameArea(area.id);
  const digits = codeDigits(area.level);
  const changed = name.trim() !== area.name || code !== area.code;
  return (
    <Section title={t("administration.rename.title")}>
      <TextInput
        label={t("administration.rename.name")}
        value={name}
        maxLength={200}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <TextInput
        label={t("administration.rename.code")}
        description={
          digits === null
            ? t("administration.rename.code_free")
            : t("administration.rename.code_digits", { digits })
        }
        inputMode="numeric"
        value={code}
        maxLength={digits ?? 10}
        onChange={(event) => setCode(event.currentTarget.value)}
      />
      <Refused error={rename.error} />
      {changed && (
        <Group>
          <Button
            disabled={name.trim() === ""}
            loading={rename.isPending}
            onClick={() =>
              rename.mutate(
                { name: name.trim(), code },
                { onSuccess: () => notifications.show({ message: t("administration.saved") }) },
              )
            }
          >
            {t("administration.rename.press")}
          </Button>
        </Group>
      )}
    </Section>
  );
}
