import { Alert, Button, Group, Stack } from "@mantine/core";
import { IconEar } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { answer, api } from "../../api/client";
import { Refused } from "../../parts/Refused";
import { soundOf } from "../../parts/SoundButton";
import { SoundPlayer } from "../../parts/SoundPlayer";
import type { Recording } from "./uploads";

interface ReadySoundProps {
  recording: Recording;
  onDrop: () => void;
}

/** A sound as loudspeakers will play it; a doubtful one has to be heard to its end. */
export function ReadySound({ recording, onDrop }: ReadySoundProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const heard = useMutation({
    mutationFn: () =>
      answer(
        api.POST("/api/v1/recordings/{recording_id}/heard", {
          params: { path: { recording_id: recording.id } },
          body: { heard_to_end: true },
        }),
      ),
    onSuccess: (told) => {
      queries.setQueryData(["recording", "one", recording.id], told);
      void queries.invalidateQueries({ queryKey: ["announcement", "preview"] });
    },
  });
  const doubtful = recording.doubtful !== null && !recording.heard;
  return (
    <Stack>
      {doubtful && (
        <Alert
          variant="outline"
          color="orange"
          icon={<IconEar aria-hidden="true" />}
          title={t("compose.doubt.title")}
        >
          {t(`compose.doubt.${recording.doubtful}`)} {t("compose.doubt.listen")}
        </Alert>
      )}
      <SoundPlayer
        src={soundOf(recording.id)}
        durationMs={recording.duration_ms ?? 0}
        label={recording.title}
        waveform={recording.waveform}
        onHeard={() => doubtful && heard.mutate()}
      />
      <Refused error={heard.error} />
      <Group>
        <Button variant="default" onClick={onDrop}>
          {t("compose.sound.other")}
        </Button>
      </Group>
    </Stack>
  );
}
