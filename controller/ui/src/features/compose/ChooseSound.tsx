import { Alert, Button, FileButton, Stack } from "@mantine/core";
import { IconAlertTriangle, IconFileMusic, IconMicrophone } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { serverNow } from "../../parts/now";
import { Refused } from "../../parts/Refused";
import { clockTime, dayOf } from "../../parts/times";
import classes from "./compose.module.css";
import { EarlierSound } from "./EarlierSound";
import { type Ends, EndsFields } from "./EndsFields";
import { Recording } from "./Recording";
import { useRecorder } from "./recorder";
import { Take } from "./Take";
import { sendSound } from "./uploads";
import { useTake } from "./useTake";

const MOST_BYTES = 100 * 1024 * 1024;
const SOUNDS = "audio/*,.mp3,.wav,.m4a,.aac,.ogg,.opus,.flac,.webm";

interface ChooseSoundProps {
  areaId: string;
  title: string;
  onRecording: (id: string, name: string) => void;
}

/** Record, upload, or take a sound that is there already. */
export function ChooseSound({ areaId, title, onRecording }: ChooseSoundProps) {
  const { t } = useTranslation();
  const [search] = useSearchParams();
  const queries = useQueryClient();
  const level = useRef<HTMLDivElement>(null);
  const [taken, setTaken] = useTake();
  const [ends, setEnds] = useState<Ends>({ chime: true, closing: true });
  const [error, setError] = useState<unknown>(null);
  const [unfit, setUnfit] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const recorder = useRecorder(setTaken, (heard) =>
    level.current?.style.setProperty("--level", heard.toFixed(3)),
  );

  // Whoever came to plan a time mostly brings a file; everybody else mostly speaks.
  const planning = search.has("hen-gio");

  async function send(blob: Blob, name: string): Promise<boolean> {
    if (busy) return false;
    setUnfit(null);
    setError(null);
    if (blob.size === 0 || blob.size > MOST_BYTES) {
      setUnfit(t(blob.size === 0 ? "compose.sound.empty" : "compose.sound.too_large"));
      return false;
    }
    setBusy(true);
    try {
      const made = await sendSound({ blob, title: title.trim() || name, areaId, ...ends });
      queries.setQueryData(["recording", "one", made.id], made);
      onRecording(made.id, name);
      return true;
    } catch (refusal) {
      setError(refusal);
      setBusy(false);
      return false;
    }
  }

  function sendTaken() {
    if (!taken) return;
    const now = new Date(serverNow()).toISOString();
    const name = t("compose.sound.recorded_name", { time: clockTime(now), day: dayOf(now) });
    void send(taken.blob, name).then((sent) => {
      if (sent) setTaken(null);
    });
  }

  if (recorder.phase === "recording") return <Recording recorder={recorder} level={level} />;
  return (
    <Stack>
      {taken ? (
        <Take taken={taken} busy={busy} onUse={sendTaken} onAnew={() => setTaken(null)} />
      ) : (
        <>
          <div className={classes.choice}>
            <Button
              h={64}
              size="lg"
              variant={planning ? "light" : "filled"}
              loading={recorder.phase === "asking"}
              leftSection={<IconMicrophone size={26} aria-hidden="true" />}
              onClick={recorder.start}
            >
              {t("compose.sound.record")}
            </Button>
            <FileButton
              accept={SOUNDS}
              onChange={(file) => file && void send(file, file.name.replace(/\.[^.]+$/, ""))}
            >
              {(props) => (
                <Button
                  {...props}
                  h={64}
                  size="lg"
                  variant={planning ? "filled" : "light"}
                  loading={busy}
                  leftSection={<IconFileMusic size={26} aria-hidden="true" />}
                >
                  {t("compose.sound.choose_file")}
                </Button>
              )}
            </FileButton>
          </div>
          <EarlierSound onChosen={onRecording} />
        </>
      )}
      {(recorder.trouble ?? unfit) && (
        <Alert
          variant="outline"
          color="red"
          role="alert"
          icon={<IconAlertTriangle aria-hidden="true" />}
        >
          {recorder.trouble ? t(`compose.record.trouble.${recorder.trouble}`) : unfit}
        </Alert>
      )}
      <Refused error={error} />
      <EndsFields ends={ends} onChange={setEnds} />
    </Stack>
  );
}
