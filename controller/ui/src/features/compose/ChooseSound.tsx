import { Alert, Button, FileButton, Group, Select, Stack, Switch } from "@mantine/core";
import { IconAlertTriangle, IconFileMusic, IconMicrophone } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { answer, api } from "../../api/client";
import { serverNow } from "../../parts/now";
import { Refused } from "../../parts/Refused";
import { clockTime, dayOf, duration } from "../../parts/times";
import classes from "./compose.module.css";
import { RecordSound } from "./RecordSound";
import { sendSound } from "./uploads";

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
  const [recording, setRecording] = useState(search.get("cach") === "thu");
  const [ends, setEnds] = useState({ chime: true, closing: true });
  const [error, setError] = useState<unknown>(null);
  const [unfit, setUnfit] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  async function send(blob: Blob, name: string) {
    if (busy) return;
    setUnfit(null);
    setError(null);
    if (blob.size === 0 || blob.size > MOST_BYTES) {
      setUnfit(t(blob.size === 0 ? "compose.sound.empty" : "compose.sound.too_large"));
      return;
    }
    setBusy(true);
    try {
      const made = await sendSound({ blob, title: title.trim() || name, areaId, ...ends });
      queries.setQueryData(["recording", "one", made.id], made);
      onRecording(made.id, name);
    } catch (refusal) {
      setError(refusal);
      setBusy(false);
    }
  }

  function recordedName(): string {
    const now = new Date(serverNow()).toISOString();
    return t("compose.sound.recorded_name", { time: clockTime(now), day: dayOf(now) });
  }

  return (
    <Stack>
      {recording ? (
        <RecordSound
          busy={busy}
          onTaken={(blob) => void send(blob, recordedName())}
          onLeave={() => setRecording(false)}
        />
      ) : (
        <>
          <div className={classes.choice}>
            <Button
              h={64}
              size="lg"
              leftSection={<IconMicrophone size={26} aria-hidden="true" />}
              onClick={() => setRecording(true)}
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
                  variant="light"
                  loading={busy}
                  leftSection={<IconFileMusic size={26} aria-hidden="true" />}
                >
                  {t("compose.sound.choose_file")}
                </Button>
              )}
            </FileButton>
          </div>
          <Earlier onChosen={onRecording} />
        </>
      )}
      {unfit && (
        <Alert
          variant="outline"
          color="red"
          role="alert"
          icon={<IconAlertTriangle aria-hidden="true" />}
        >
          {unfit}
        </Alert>
      )}
      <Refused error={error} />
      <Group gap="xl">
        <Switch
          size="md"
          label={t("compose.sound.chime")}
          checked={ends.chime}
          onChange={(event) => setEnds({ ...ends, chime: event.currentTarget.checked })}
        />
        <Switch
          size="md"
          label={t("compose.sound.closing")}
          checked={ends.closing}
          onChange={(event) => setEnds({ ...ends, closing: event.currentTarget.checked })}
        />
      </Group>
    </Stack>
  );
}

/** Sounds that were used before. */
function Earlier({ onChosen }: { onChosen: (id: string, name: string) => void }) {
  const { t } = useTranslation();
  const recordings = useQuery({
    queryKey: ["recording", "list"],
    queryFn: () => answer(api.GET("/api/v1/recordings", { params: { query: { limit: 50 } } })),
  });
  const ready = (recordings.data?.items ?? []).filter(({ state }) => state === "ready");
  if (ready.length === 0) return null;
  return (
    <Select
      label={t("compose.sound.earlier")}
      placeholder={t("compose.sound.earlier_choose")}
      searchable
      nothingFoundMessage={t("compose.sound.earlier_none")}
      data={ready.map(({ id, title, duration_ms, created_at }) => ({
        value: id,
        label: `${title} · ${duration(duration_ms ?? 0)} · ${dayOf(created_at)}`,
      }))}
      value={null}
      onChange={(id) => {
        const chosen = ready.find((one) => one.id === id);
        if (chosen) onChosen(chosen.id, chosen.title);
      }}
    />
  );
}
