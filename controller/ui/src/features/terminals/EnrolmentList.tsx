import { Accordion, Anchor, Button, Group, Paper, Skeleton, Stack, Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useAreas } from "../../parts/areas";
import { useNow } from "../../parts/now";
import { Refused } from "../../parts/Refused";
import { Section } from "../../parts/Section";
import { TimeText } from "../../parts/TimeText";
import { type Enrolment, useEnrolments, useVoidEnrolment } from "./queries";
import classes from "./terminals.module.css";

/** Codes that were made: open, used, too old. */
export function EnrolmentList() {
  const { t } = useTranslation();
  const list = useEnrolments();
  const unused = list.data?.items.filter((one) => one.used_at === null) ?? [];
  const used = list.data?.items.filter((one) => one.used_at !== null) ?? [];
  return (
    <Section title={t("terminals.codes.title")}>
      <Refused error={list.error} />
      {list.isPending && <Skeleton height={96} />}
      {list.isSuccess && unused.length === 0 && <Text c="dimmed">{t("terminals.codes.none")}</Text>}
      <Rows enrolments={unused} />
      {used.length > 0 && (
        <Accordion variant="contained">
          <Accordion.Item value="used">
            <Accordion.Control>
              {t("terminals.codes.used_earlier")} ({used.length})
            </Accordion.Control>
            <Accordion.Panel>
              <Rows enrolments={used} />
            </Accordion.Panel>
          </Accordion.Item>
        </Accordion>
      )}
    </Section>
  );
}

function Rows({ enrolments }: { enrolments: readonly Enrolment[] }) {
  return (
    <Stack component="ul" gap="sm" className={classes.plain}>
      {enrolments.map((enrolment) => (
        <Row key={enrolment.id} enrolment={enrolment} />
      ))}
    </Stack>
  );
}

function Row({ enrolment }: { enrolment: Enrolment }) {
  const { t } = useTranslation();
  const now = useNow();
  const areas = useAreas().data ?? [];
  const withdraw = useVoidEnrolment();
  const used = enrolment.used_at !== null;
  const open = !used && Date.parse(enrolment.expires_at) > now;
  const area = areas.find((item) => item.id === enrolment.area_id)?.name ?? "";
  const ask = () =>
    modals.openConfirmModal({
      title: t("terminals.codes.ask", { name: enrolment.name }),
      children: <Text>{t("terminals.codes.consequence")}</Text>,
      labels: { confirm: t("terminals.codes.void"), cancel: t("terminals.codes.keep") },
      confirmProps: { color: "red" },
      onConfirm: () => withdraw.mutate(enrolment.id),
    });
  return (
    <Paper component="li" withBorder p="sm">
      <Group justify="space-between">
        <Stack gap={2}>
          <Text fw={600}>{enrolment.name}</Text>
          <Text c="dimmed">{area}</Text>
          <Text>
            {used && t("terminals.codes.used")}
            {open && (
              <>
                {t("terminals.codes.open_until")} <TimeText at={enrolment.expires_at} />
              </>
            )}
            {!used && !open && t("terminals.codes.expired")}
          </Text>
          <Refused error={withdraw.error} />
        </Stack>
        {enrolment.terminal_id !== null && (
          <Anchor component={Link} to={`/loa/${enrolment.terminal_id}`} className={classes.tall}>
            {t("terminals.codes.see")}
          </Anchor>
        )}
        {open && (
          <Button variant="default" loading={withdraw.isPending} onClick={ask}>
            {t("terminals.codes.void")}
          </Button>
        )}
      </Group>
    </Paper>
  );
}
