import { Button, Stack, Text } from "@mantine/core";
import { useWindowEvent } from "@mantine/hooks";
import { IconPlayerStopFilled } from "@tabler/icons-react";
import type { Ref } from "react";
import { useTranslation } from "react-i18next";
import { duration } from "../../parts/times";
import classes from "./compose.module.css";
import type { Recorder } from "./recorder";

const SILENT_AFTER_MS = 3_000;

interface RecordingProps {
  recorder: Recorder;
  /** The bar that shows how loud it is. */
  level: Ref<HTMLDivElement>;
}

/** While the microphone is open: how long, how loud, and the way to end it. */
export function Recording({ recorder, level }: RecordingProps) {
  const { t } = useTranslation();
  // Other screens of ours keep what was recorded; a closed page cannot, so the browser asks.
  useWindowEvent("beforeunload", (event) => event.preventDefault());
  const unheard = recorder.silent && recorder.elapsedMs > SILENT_AFTER_MS;
  return (
    <Stack>
      <Text className={classes.elapsed} role="timer" aria-label={t("compose.record.elapsed")}>
        {duration(recorder.elapsedMs)}
      </Text>
      <div className={classes.meter} aria-hidden="true">
        <div ref={level} />
      </div>
      <Text role="status">{t(unheard ? "compose.record.silent" : "compose.record.running")}</Text>
      <Button
        h={64}
        size="lg"
        leftSection={<IconPlayerStopFilled size={24} aria-hidden="true" />}
        onClick={recorder.stop}
      >
        {t("compose.record.stop")}
      </Button>
      <Button variant="subtle" color="gray" c="bright" onClick={recorder.cancel}>
        {t("compose.record.cancel")}
      </Button>
    </Stack>
  );
}
