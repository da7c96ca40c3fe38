import { ActionIcon, Group, Text } from "@mantine/core";
import { IconPlayerPauseFilled, IconPlayerPlayFilled } from "@tabler/icons-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import classes from "./SoundPlayer.module.css";
import { duration } from "./times";
import { useSound } from "./useSound";

interface SoundPlayerProps {
  src: string;
  durationMs: number;
  /** What is heard, for whoever does not see the page. */
  label: string;
  /** Peaks 0 to 100 for the drawing; without them a plain bar is shown. */
  waveform?: readonly number[];
  /** The whole sound was played. */
  onHeard?: () => void;
}

const STEP_S = 5;

/** Listen: play button, level over time, where one is, and how long it is. */
export function SoundPlayer({ src, durationMs, label, waveform, onHeard }: SoundPlayerProps) {
  const { t } = useTranslation();
  const { element, playing, at, total, failed, toggle, seek } = useSound(src, durationMs, onHeard);
  const picture = useMemo(() => (waveform?.length ? drawn(waveform) : undefined), [waveform]);

  return (
    <Group wrap="nowrap" gap="sm" className={classes.player}>
      <audio {...element} />
      <ActionIcon
        size={48}
        radius="xl"
        variant="filled"
        onClick={toggle}
        aria-label={t(playing ? "sound.pause" : "sound.play", { label })}
      >
        {playing ? (
          <IconPlayerPauseFilled size={22} aria-hidden="true" />
        ) : (
          <IconPlayerPlayFilled size={22} aria-hidden="true" />
        )}
      </ActionIcon>
      <input
        type="range"
        className={classes.range}
        min={0}
        max={total}
        step={0.1}
        value={Math.min(at, total)}
        onChange={(event) => seek(Number(event.currentTarget.value))}
        onKeyDown={(event) => {
          const step = { ArrowLeft: -STEP_S, ArrowRight: STEP_S }[event.key];
          if (step === undefined) return;
          event.preventDefault();
          seek(at + step);
        }}
        aria-label={t("sound.position", { label })}
        aria-valuetext={t("sound.at", { at: duration(at * 1000), all: duration(durationMs) })}
        style={picture ? drawing(picture, at / total) : undefined}
        data-drawn={picture ? true : undefined}
      />
      <Text className={classes.length} role={failed ? "alert" : undefined}>
        {failed ? t("sound.failed") : duration(playing || at > 0 ? at * 1000 : durationMs)}
      </Text>
    </Group>
  );
}

function drawing(picture: string, done: number): React.CSSProperties {
  return { "--peaks": picture, "--done": `${done * 100}%` } as React.CSSProperties;
}

/** The peaks as a picture behind the slider. */
function drawn(waveform: readonly number[]): string {
  const bars = waveform
    .map((peak, index) => {
      const height = Math.max(4, peak);
      return `<rect x='${index * 3}' y='${50 - height / 2}' width='2' height='${height}'/>`;
    })
    .join("");
  const picture = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 ${waveform.length * 3} 100' preserveAspectRatio='none'>${bars}</svg>`;
  return `url("data:image/svg+xml,${encodeURIComponent(picture)}")`;
}
