import { Button, FileButton, Group, Progress, Stack, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Refused } from "../../parts/Refused";
import { duration } from "../../parts/times";
import { giveUp, goOn, type Recording, tryAgain, useUpload } from "./uploads";

interface SendingSoundProps {
  recording: Recording;
  onDrop: () => void;
}

/** A sound on its way to the controller, also after the page was closed in the middle. */
export function SendingSound({ recording, onDrop }: SendingSoundProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const upload = useUpload(recording.id);
  const [needed, setNeeded] = useState(false);
  const [wrong, setWrong] = useState(false);
  const phase = upload?.phase ?? null;

  useEffect(() => {
    void goOn(recording).then((found) => setNeeded(!found));
  }, [recording.id]);

  useEffect(() => {
    if (phase === "done")
      void queries.invalidateQueries({ queryKey: ["recording", "one", recording.id] });
  }, [phase, queries, recording.id]);

  function drop() {
    onDrop();
    void giveUp(recording.id).catch(() => undefined);
  }

  const sent = upload?.sent ?? recording.received;
  const percent = Math.floor((100 * sent) / recording.size);
  return (
    <Stack>
      <Group justify="space-between">
        <Text fw={600}>{t(needed ? "compose.sending.cut" : "compose.sending.title")}</Text>
        <Text>{t("compose.sending.percent", { percent })}</Text>
      </Group>
      <Progress value={percent} size="lg" aria-label={t("compose.sending.title")} />
      <Text role="status">
        {needed
          ? t("compose.sending.needed", { name: recording.title })
          : phase === "waiting"
            ? t("compose.sending.waiting")
            : upload?.leftMs
              ? t("compose.sending.left", { left: duration(upload.leftMs) })
              : t("compose.sending.keep_on")}
      </Text>
      {wrong && <Text role="alert">{t("compose.sending.other_file")}</Text>}
      {phase === "failed" && <Refused error={upload?.error} />}
      <Group>
        {needed && (
          <FileButton
            onChange={(file) =>
              file &&
              void goOn(recording, file).then((fits) => {
                setWrong(!fits);
                setNeeded(!fits);
              })
            }
          >
            {(props) => <Button {...props}>{t("compose.sending.choose_again")}</Button>}
          </FileButton>
        )}
        {phase === "failed" && (
          <Button onClick={() => tryAgain(recording.id)}>{t("compose.sending.again")}</Button>
        )}
        <Button variant="default" onClick={drop}>
          {t("compose.sending.cancel")}
        </Button>
      </Group>
    </Stack>
  );
}
