import { Group, Paper, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconAlertHexagonFilled } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { HoldButton } from "../../parts/HoldButton";
import { SoundButton, soundOf } from "../../parts/SoundButton";
import type { Announcement } from "../announcements/queries";
import classes from "./emergency.module.css";
import { ReleaseDialog } from "./ReleaseDialog";

/** An approved emergency: hold the button, read the sentence, confirm. */
export function ReleaseCard({ announcement }: { announcement: Announcement }) {
  const { t } = useTranslation();
  const [opened, { open, close }] = useDisclosure();
  return (
    <Paper withBorder p="md" component="article">
      <Stack gap="sm">
        <Group justify="space-between">
          <Link to={`/ban-tin/${announcement.id}`} className={classes.title}>
            {announcement.title}
          </Link>
          {announcement.recording_id && announcement.duration_ms && (
            <SoundButton
              src={soundOf(announcement.recording_id)}
              durationMs={announcement.duration_ms}
              label={announcement.title}
            />
          )}
        </Group>
        <Text>{announcement.sentence}</Text>
        {announcement.may.includes("release") ? (
          <HoldButton
            color="emergency"
            leftSection={<IconAlertHexagonFilled aria-hidden="true" />}
            onHeld={open}
          >
            {t("emergency.hold")}
          </HoldButton>
        ) : (
          <Text>{t("emergency.may_not")}</Text>
        )}
      </Stack>
      {opened && <ReleaseDialog announcement={announcement} onClose={close} />}
    </Paper>
  );
}
