import { Group, Paper, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useParams } from "react-router";
import { Refused } from "../../parts/Refused";
import { soundOf } from "../../parts/SoundButton";
import { SoundPlayer } from "../../parts/SoundPlayer";
import { TimeText } from "../../parts/TimeText";
import { Actions } from "./Actions";
import classes from "./announcements.module.css";
import { type Announcement, useAnnouncement, useRecording } from "./queries";
import { StateBadge } from "./StateBadge";

/** One announcement: listen first, read what will happen, then decide. */
export default function AnnouncementPage() {
  const { id = "" } = useParams();
  const found = useAnnouncement(id);
  if (found.error) return <Refused error={found.error} />;
  if (!found.data)
    return (
      <Stack aria-hidden="true" maw={720}>
        <Skeleton h={40} w="60%" />
        <Skeleton h={120} />
      </Stack>
    );
  return <Details announcement={found.data} />;
}

function Details({ announcement }: { announcement: Announcement }) {
  const { t } = useTranslation();
  const recording = useRecording(announcement.recording_id);
  const [heard, setHeard] = useState(false);
  const { delivery } = announcement;
  return (
    <Stack maw={720} gap="lg">
      <Group justify="space-between" align="flex-start">
        <Title order={1} size="h2" flex={1}>
          {announcement.title}
        </Title>
        <StateBadge state={announcement.state} />
      </Group>
      {announcement.recording_id && announcement.duration_ms ? (
        <Paper withBorder p="md">
          <SoundPlayer
            src={soundOf(announcement.recording_id)}
            durationMs={announcement.duration_ms}
            label={announcement.title}
            waveform={recording.data?.waveform}
            onHeard={() => setHeard(true)}
          />
        </Paper>
      ) : (
        <Text>{t("announcements.no_sound")}</Text>
      )}
      <Text fw={600} size="lg">
        {announcement.sentence}
      </Text>
      {announcement.reason && (
        <Paper withBorder p="md">
          <Text fw={600}>{t(`announcements.reason.${announcement.state}`)}</Text>
          <Text>{announcement.reason}</Text>
        </Paper>
      )}
      <Actions announcement={announcement} heard={heard} />
      <dl className={classes.facts}>
        <dt>{t("announcements.class")}</dt>
        <dd>{t(`compose.class.${announcement.message_class}`)}</dd>
        <dt>{t("announcements.area")}</dt>
        <dd>{announcement.area_name}</dd>
        <dt>{t("announcements.author")}</dt>
        <dd>{announcement.author}</dd>
        {announcement.decided_by && announcement.decided_at && (
          <>
            <dt>{t("announcements.decided")}</dt>
            <dd>
              {announcement.decided_by} · <TimeText at={announcement.decided_at} />
            </dd>
          </>
        )}
        {announcement.state === "approved" && (
          <>
            <dt>{t("announcements.delivery")}</dt>
            <dd>{t("announcements.stored", { ...delivery })}</dd>
          </>
        )}
        {announcement.next_start && (
          <>
            <dt>{t("announcements.next")}</dt>
            <dd>
              <TimeText at={announcement.next_start} />
            </dd>
          </>
        )}
      </dl>
    </Stack>
  );
}
