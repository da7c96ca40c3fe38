import { Skeleton, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Refused } from "../../parts/Refused";
import { Section } from "../../parts/Section";
import { SoundPlayer } from "../../parts/SoundPlayer";
import { TimeText } from "../../parts/TimeText";
import { type Terminal, useCaptures } from "./queries";

/** What a virtual loudspeaker has sounded, to be listened to. */
export function Captures({ terminal }: { terminal: Terminal }) {
  const { t } = useTranslation();
  const captures = useCaptures(terminal.id, terminal.captures);
  return (
    <Section title={t("terminals.captures.title")}>
      <Text c="dimmed">{t("terminals.captures.hint")}</Text>
      <Refused error={captures.error} />
      {captures.isPending && <Skeleton height={64} />}
      {captures.data?.items.length === 0 && <Text>{t("terminals.captures.none")}</Text>}
      <Stack gap="md">
        {captures.data?.items.map((capture) => (
          <Stack key={capture.name} gap={4}>
            <Text fw={600}>
              {capture.title ?? t("terminals.captures.untitled")} ·{" "}
              <TimeText at={capture.began_at} />
            </Text>
            <SoundPlayer
              src={`/api/v1/terminals/${terminal.id}/captures/${encodeURIComponent(capture.name)}`}
              durationMs={capture.duration_ms}
              label={capture.title ?? t("terminals.captures.untitled")}
            />
          </Stack>
        ))}
      </Stack>
    </Section>
  );
}
