import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import {
  IconAlertTriangle,
  IconCheck,
  IconMicrophone,
  IconPlayerStopFilled,
  IconRefresh,
} from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { SoundPlayer } from "../../parts/SoundPlayer";
import { duration } from "../../parts/times";
import classes from "./compose.module.css";
import { type Taken, useRecorder } from "./recorder";

const SHORT_MS = 1_000;
const SILENT_AFTER_MS = 3_000;

interface RecordSoundProps {
  busy: boolean;
  onTaken: (blob: Blob) => void;
  onLeave: () => void;
}

/** Records with the microphone, listens, and takes it or records anew. */
export function RecordSound({ busy, onTaken, onLeave }: RecordSoundProps) {
  const { t } = useTranslation();
  const level = useRef<HTMLDivElement>(null);
  const [taken, setTaken] = useState<Taken | null>(null);
  const recorder = useRecorder(setTaken, (heard) =>
    level.current?.style.setProperty("--level", heard.toFixed(3)),
  );

  if (taken)
    return (
      <Take
        taken={taken}
        busy={busy}
        onUse={() => onTaken(taken.blob)}
        onAnew={() => setTaken(null)}
      />
    );
  if (recorder.phase === "recording")
    return (
      <Stack>
        <Text className={classes.elapsed} role="timer" aria-label={t("compose.record.elapsed")}>
          {duration(recorder.elapsedMs)}
        </Text>
        <div className={classes.meter} aria-hidden="true">
          <div ref={level} />
        </div>
        <Text role="status">
          {recorder.silent && recorder.elapsedMs > SILENT_AFTER_MS
            ? t("compose.record.silent")
            : t("compose.record.running")}
        </Text>
        <Group grow>
          <Button
            h={64}
            size="lg"
            leftSection={<IconPlayerStopFilled size={24} aria-hidden="true" />}
            onClick={recorder.stop}
          >
            {t("compose.record.stop")}
          </Button>
        </Group>
        <Button variant="subtle" color="gray" onClick={recorder.cancel}>
          {t("compose.record.cancel")}
        </Button>
      </Stack>
    );
  return (
    <Stack>
      {recorder.trouble && (
        <Alert
          variant="outline"
          color="red"
          role="alert"
          icon={<IconAlertTriangle aria-hidden="true" />}
        >
          {t(`compose.record.trouble.${recorder.trouble}`)}
        </Alert>
      )}
      <Text>{t("compose.record.hint")}</Text>
      <Button
        h={64}
        size="lg"
        leftSection={<IconMicrophone size={26} aria-hidden="true" />}
        loading={recorder.phase === "asking"}
        onClick={recorder.start}
      >
        {t("compose.record.start")}
      </Button>
      <Button variant="subtle" color="gray" onClick={onLeave}>
        {t("compose.record.file_instead")}
      </Button>
    </Stack>
  );
}

interface TakeProps {
  taken: Taken;
  busy: boolean;
  onUse: () => void;
  onAnew: () => void;
}

function Take({ taken, busy, onUse, onAnew }: TakeProps) {
  const { t } = useTranslation();
  const [address, setAddress] = useState<string | null>(null);
  useEffect(() => {
    const made = URL.createObjectURL(taken.blob);
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [taken]);

  const short = taken.durationMs < SHORT_MS;
  return (
    <Stack>
      {address && (
        <SoundPlayer src={address} durationMs={taken.durationMs} label={t("compose.record.take")} />
      )}
      <Text>{t(short ? "compose.record.short" : "compose.record.listen")}</Text>
      <Button
        h={56}
        size="lg"
        leftSection={<IconCheck size={24} aria-hidden="true" />}
        loading={busy}
        disabled={short}
        onClick={onUse}
      >
        {t("compose.record.use")}
      </Button>
      <Button
        variant="default"
        leftSection={<IconRefresh size={20} aria-hidden="true" />}
        disabled={busy}
        onClick={onAnew}
      >
        {t("compose.record.anew")}
      </Button>
    </Stack>
  );
}
