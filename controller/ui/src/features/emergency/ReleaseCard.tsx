import { Button, Group, Modal, NumberInput, Paper, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconAlertHexagonFilled } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { HoldButton } from "../../parts/HoldButton";
import { Refused } from "../../parts/Refused";
import { SoundButton, soundOf } from "../../parts/SoundButton";
import type { Announcement } from "../announcements/queries";
import { useRelease } from "./queries";

const GAP_S = 10;
const EXPIRES_MINUTES = 60;

/** An approved emergency: hold the button, read the sentence, confirm. */
export function ReleaseCard({ announcement }: { announcement: Announcement }) {
  const { t } = useTranslation();
  const [opened, { open, close }] = useDisclosure();
  const [repeats, setRepeats] = useState(3);
  const release = useRelease();
  const may = announcement.may.includes("release");

  function act() {
    if (!announcement.hash) return;
    release.mutate(
      {
        id: announcement.id,
        hash: announcement.hash,
        repeats,
        gap_seconds: GAP_S,
        expires_minutes: EXPIRES_MINUTES,
      },
      {
        onSuccess: () => {
          close();
          notifications.show({ color: "red", message: t("emergency.released") });
        },
      },
    );
  }

  return (
    <Paper withBorder p="md" component="article">
      <Stack gap="sm">
        <Group justify="space-between">
          <Text fw={600} size="lg">
            {announcement.title}
          </Text>
          {announcement.recording_id && announcement.duration_ms && (
            <SoundButton
              src={soundOf(announcement.recording_id)}
              durationMs={announcement.duration_ms}
              label={announcement.title}
            />
          )}
        </Group>
        <Text>{announcement.sentence}</Text>
        {may ? (
          <HoldButton
            color="red"
            leftSection={<IconAlertHexagonFilled aria-hidden="true" />}
            onHeld={open}
          >
            {t("emergency.hold")}
          </HoldButton>
        ) : (
          <Text>{t("emergency.may_not")}</Text>
        )}
      </Stack>
      <Modal
        opened={opened}
        onClose={close}
        title={t("emergency.confirm")}
        closeButtonProps={{ "aria-label": t("general.close"), size: 48 }}
      >
        <Stack>
          <Text fw={600} size="lg">
            {t("emergency.sentence", {
              title: announcement.title,
              terminals: announcement.delivery.terminals,
              repeats,
            })}
          </Text>
          <NumberInput
            label={t("emergency.repeats")}
            min={1}
            max={100}
            value={repeats}
            onChange={(value) => setRepeats(Number(value) || 1)}
          />
          <Refused error={release.error} />
          <Button
            size="lg"
            h={64}
            color="red"
            loading={release.isPending}
            leftSection={<IconAlertHexagonFilled aria-hidden="true" />}
            onClick={act}
          >
            {t("emergency.act")}
          </Button>
        </Stack>
      </Modal>
    </Paper>
  );
}
