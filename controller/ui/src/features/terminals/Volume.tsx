import { Button, Group, Slider, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Refused } from "../../parts/Refused";
import { Section } from "../../parts/Section";
import { usePolicy } from "../administration/queries";
import { type Terminal, useChangeTerminal } from "./queries";

/** How loud a loudspeaker is; the rules of its commune are the ceiling. */
export function Volume({ terminal }: { terminal: Terminal }) {
  const { t } = useTranslation();
  const [volume, setVolume] = useState(terminal.volume);
  const ceiling = usePolicy(terminal.area_id).data?.effective.max_volume ?? 100;
  const change = useChangeTerminal(terminal.id);
  const changed = volume !== terminal.volume;
  const heard = Math.min(volume, ceiling);
  return (
    <Section title={t("terminals.volume.title")}>
      <Slider
        min={0}
        max={100}
        step={5}
        value={volume}
        onChange={setVolume}
        label={null}
        size="lg"
        thumbSize={28}
        thumbLabel={t("terminals.volume.label")}
      />
      <Text>
        {changed
          ? t("terminals.volume.will", { from: terminal.volume, to: heard })
          : t("terminals.volume.is", { volume: heard })}
      </Text>
      {volume > ceiling && <Text>{t("terminals.volume.ceiling", { ceiling })}</Text>}
      {heard === 0 && <Text fw={600}>{t("terminals.volume.mute")}</Text>}
      <Refused error={change.error} />
      {changed && (
        <Group>
          <Button
            loading={change.isPending}
            onClick={() =>
              change.mutate(
                { volume },
                { onSuccess: () => notifications.show({ message: t("terminals.volume.sent") }) },
              )
            }
          >
            {t("terminals.volume.press", { volume })}
          </Button>
        </Group>
      )}
    </Section>
  );
}
