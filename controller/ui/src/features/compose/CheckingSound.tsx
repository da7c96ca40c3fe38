import { Alert, Button, Group, Progress, Stack, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { giveUp, type Recording } from "./uploads";

interface CheckingSoundProps {
  recording: Recording;
  onDrop: () => void;
}

/** A sound that is being checked, or was refused, and why. */
export function CheckingSound({ recording, onDrop }: CheckingSoundProps) {
  const { t } = useTranslation();
  function drop() {
    onDrop();
    void giveUp(recording.id).catch(() => undefined);
  }
  if (recording.state === "refused")
    return (
      <Stack>
        <Alert
          variant="outline"
          color="red"
          role="alert"
          icon={<IconAlertTriangle aria-hidden="true" />}
          title={t("compose.checking.refused", { name: recording.title })}
        >
          {recording.problem_text}
        </Alert>
        <Group>
          <Button onClick={drop}>{t("compose.checking.other")}</Button>
        </Group>
      </Stack>
    );
  return (
    <Stack>
      <Group justify="space-between">
        <Text fw={600}>{t("compose.checking.title")}</Text>
        <Text>{t("compose.sending.percent", { percent: recording.progress })}</Text>
      </Group>
      <Progress value={recording.progress} size="lg" aria-label={t("compose.checking.title")} />
      <Text>{t("compose.checking.hint")}</Text>
      <Group>
        <Button variant="default" onClick={drop}>
          {t("compose.sending.cancel")}
        </Button>
      </Group>
    </Stack>
  );
}
