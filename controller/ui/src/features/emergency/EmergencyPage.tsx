import { Button, Group, Paper, Skeleton, Stack, Text, Title } from "@mantine/core";
import { IconAlertHexagonFilled } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useMay } from "../../app/session";
import { Empty } from "../../parts/Empty";
import { useNow } from "../../parts/now";
import { Refused } from "../../parts/Refused";
import { Section } from "../../parts/Section";
import { AnnouncementCard } from "../announcements/AnnouncementCard";
import { type State, useAnnouncements } from "../announcements/queries";
import classes from "./emergency.module.css";
import { Past } from "./Past";
import { isOpen, useEmergencies } from "./queries";
import { ReleaseCard } from "./ReleaseCard";
import { Running } from "./Running";

const READ = 100;

/** Emergencies, apart from everything else: those in force, and those ready to be released. */
export default function EmergencyPage() {
  const { t } = useTranslation();
  const may = useMay();
  const now = useNow();
  const emergencies = useEmergencies();
  const ready = useEmergencyAnnouncements("approved");
  const waiting = useEmergencyAnnouncements("submitted");
  const open = (emergencies.data ?? []).filter((one) => isOpen(one, now));
  const past = (emergencies.data ?? []).filter((one) => !isOpen(one, now));

  return (
    <Stack maw={820} gap="lg">
      <Paper p="md" className={classes.warning}>
        <IconAlertHexagonFilled size={32} aria-hidden="true" />
        <div>
          <Title order={1} size="h2">
            {t("emergency.heading")}
          </Title>
          <Text fw={600}>{t("emergency.title")}</Text>
          <Text>{t("emergency.what")}</Text>
        </div>
      </Paper>
      <Refused error={emergencies.error ?? ready.error ?? waiting.error} />
      {open.length > 0 && (
        <Section title={t("emergency.running")}>
          {open.map((one) => (
            <Running key={one.id} emergency={one} />
          ))}
        </Section>
      )}
      <Section title={t("emergency.ready")}>
        {ready.isPending && <Skeleton h={80} />}
        {ready.found?.length === 0 && (
          <Empty title={t("emergency.ready_none")} hint={t("emergency.ready_hint")} />
        )}
        {ready.found?.map((one) => (
          <ReleaseCard key={one.id} announcement={one} />
        ))}
        {may("compose") && (
          <Group>
            <Button variant="default" component={Link} to="/soan?loai=khan-cap">
              {t("emergency.compose")}
            </Button>
          </Group>
        )}
      </Section>
      {waiting.found && waiting.found.length > 0 && (
        <Section title={t("emergency.waiting")}>
          {waiting.found.map((one) => (
            <AnnouncementCard key={one.id} announcement={one} />
          ))}
        </Section>
      )}
      {past.length > 0 && (
        <Section title={t("emergency.past")}>
          {past.map((one) => (
            <Past key={one.id} emergency={one} />
          ))}
        </Section>
      )}
    </Stack>
  );
}

function useEmergencyAnnouncements(state: State) {
  const { data, error, isPending } = useAnnouncements(state, READ);
  const found = data?.pages
    .flatMap((page) => page.items)
    .filter(({ message_class }) => message_class === "emergency");
  return { found, error, isPending };
}
