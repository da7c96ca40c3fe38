import { Group, Paper, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { SoundButton, soundOf } from "../../parts/SoundButton";
import classes from "./announcements.module.css";
import type { Announcement } from "./queries";
import { StateBadge } from "./StateBadge";

/** One announcement in a list: what it is, what it will do, and how it sounds. */
export function AnnouncementCard({ announcement }: { announcement: Announcement }) {
  const { t } = useTranslation();
  return (
    <Paper withBorder p="md" component="article">
      <Stack gap="xs">
        <Group justify="space-between" gap="xs" align="flex-start">
          <Link to={`/ban-tin/${announcement.id}`} className={classes.title}>
            {announcement.title}
          </Link>
          <StateBadge state={announcement.state} />
        </Group>
        <Text>{announcement.sentence}</Text>
        {announcement.state === "returned" && announcement.reason && (
          <Text>
            <strong>{t("announcements.reason.returned")}:</strong> {announcement.reason}
          </Text>
        )}
        <Group justify="space-between" gap="xs">
          <Text size="sm">{t("announcements.by", { name: announcement.author })}</Text>
          {announcement.recording_id && announcement.duration_ms && (
            <SoundButton
              src={soundOf(announcement.recording_id)}
              durationMs={announcement.duration_ms}
              label={announcement.title}
            />
          )}
        </Group>
      </Stack>
    </Paper>
  );
}
