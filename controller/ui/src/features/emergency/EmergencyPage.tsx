import { Button, Group, Paper, Skeleton, Stack, Text, Title } from "@mantine/core";
import { IconAlertHexagonFilled } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useMay } from "../../app/session";
import { Empty } from "../../parts/Empty";
import { serverNow, useNow } from "../../parts/now";
import { Refused } from "../../parts/Refused";
import { Section } from "../../parts/Section";
import { TimeText } from "../../parts/TimeText";
import { AnnouncementCard } from "../announcements/AnnouncementCard";
import { useAnnouncements } from "../announcements/queries";
import classes from "./emergency.module.css";
import { type Emergency, useCancel, useEmergencies } from "./queries";
import { ReleaseCard } from "./ReleaseCard";

/** Emergencies, apart from everything else: those that run, and those ready to be released. */
export default function EmergencyPage() {
  const { t } = useTranslation();
  const may = useMay();
  const emergencies = useEmergencies();
  const all = useAnnouncements(null, 100);
  const mine = (all.data?.pages.flatMap((page) => page.items) ?? []).filter(
    ({ message_class }) => message_class === "emergency",
  );
  const ready = mine.filter(({ state }) => state === "approved");
  const waiting = mine.filter(({ state }) => state === "submitted");
  const open = (emergencies.data ?? []).filter(isOpen);

  return (
    <Stack maw={820} gap="lg">
      <Paper p="md" className={classes.warning}>
        <Group gap="sm" wrap="nowrap" align="flex-start">
          <IconAlertHexagonFilled aria-hidden="true" />
          <div>
            <Text fw={600}>{t("emergency.title")}</Text>
            <Text>{t("emergency.what")}</Text>
          </div>
        </Group>
      </Paper>
      <Title order={1} size="h2">
        {t("emergency.heading")}
      </Title>
      <Refused error={emergencies.error ?? all.error} />
      {open.map((one) => (
        <Running key={one.id} emergency={one} />
      ))}
      <Section title={t("emergency.ready")}>
        {all.isPending && <Skeleton h={80} />}
        {all.data && ready.length === 0 && (
          <Empty title={t("emergency.ready_none")} hint={t("emergency.ready_hint")} />
        )}
        {ready.map((one) => (
          <ReleaseCard key={one.id} announcement={one} />
        ))}
        {may("compose") && (
          <Group>
            <Button variant="default" h={48} component={Link} to="/soan?loai=khan-cap">
              {t("emergency.compose")}
            </Button>
          </Group>
        )}
      </Section>
      {waiting.length > 0 && (
        <Section title={t("emergency.waiting")}>
          {waiting.map((one) => (
            <AnnouncementCard key={one.id} announcement={one} />
          ))}
        </Section>
      )}
    </Stack>
  );
}

function isOpen({ cancelled_at, expires_at }: Emergency): boolean {
  return cancelled_at === null && Date.parse(expires_at) > serverNow();
}

function Running({ emergency }: { emergency: Emergency }) {
  const { t } = useTranslation();
  const may = useMay();
  const cancel = useCancel();
  useNow();
  return (
    <Paper
      withBorder
      p="md"
      component="article"
      style={{ borderColor: "var(--mantine-color-red-7)" }}
    >
      <Stack gap="xs">
        <Text fw={600} size="lg">
          {emergency.title}
        </Text>
        <Text>
          {t("emergency.since")} <TimeText at={emergency.issued_at} /> · {t("emergency.until")}{" "}
          <TimeText at={emergency.expires_at} />
        </Text>
        <Text>
          {t("emergency.progress", {
            acknowledged: emergency.acknowledged,
            sounded: emergency.sounded,
            terminals: emergency.terminals,
          })}
        </Text>
        <Refused error={cancel.error} />
        {may("release_emergency") && (
          <Group>
            <Button
              variant="outline"
              color="red"
              h={48}
              loading={cancel.isPending}
              onClick={() => cancel.mutate(emergency.id)}
            >
              {t("emergency.cancel")}
            </Button>
          </Group>
        )}
      </Stack>
    </Paper>
  );
}
