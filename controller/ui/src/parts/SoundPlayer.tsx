import { ActionIcon, Group, Text } from "@mantine/core";
import { IconPlayerPauseFilled, IconPlayerPlayFilled } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import classes from "./SoundPlayer.module.css";
import { duration } from "./times";

interface SoundPlayerProps {
  src: string;
  durationMs: number;
  /** What is heard, for whoever does not see the page. */
  label: string;
  /** Peaks 0 to 100 for the drawing; without them a plain bar is shown. */
  waveform?: readonly number[];
  onEnded?: () => void;
}

const STEP_S = 5;

/** Listen: play button, level over time, where one is, and how long it is. */
export function SoundPlayer({ src, durationMs, label, waveform, onEnded }: SoundPlayerProps) {
  const { t } = useTranslation();
  const audio = useRef<HTMLAudioElement>(null);
  const [playing, setPlaying] = useState(false);
  const [at, setAt] = useState(0);
  const [failed, setFailed] = useState(false);
  const total = Math.max(durationMs / 1000, 0.1);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another sound begins at its start
  useEffect(() => {
    setAt(0);
    setPlaying(false);
    setFailed(false);
  }, [src]);

  function toggle() {
    const element = audio.current;
    if (!element) return;
    if (playing) element.pause();
    else
      element.play().catch((error: unknown) => {
        // Leaving the page in the middle of loading is no fault.
        if (!(error instanceof DOMException && error.name === "AbortError")) setFailed(true);
      });
  }

  function seek(seconds: number) {
    const element = audio.current;
    if (!element) return;
    element.currentTime = Math.min(Math.max(seconds, 0), total);
    setAt(element.currentTime);
  }

  return (
    <Group wrap="nowrap" gap="sm" className={classes.player}>
      {/* biome-ignore lint/a11y/useMediaCaption: announcements have no captions */}
      <audio
        ref={audio}
        src={src}
        preload="none"
        onPlay={() => setPlaying(true)}
        onPause={() => setPlaying(false)}
        onTimeUpdate={(event) => setAt(event.currentTarget.currentTime)}
        onError={() => setFailed(true)}
        onEnded={() => {
          setPlaying(false);
          setAt(0);
          onEnded?.();
        }}
      />
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
        style={waveform?.length ? drawn(waveform, at / total) : undefined}
        data-drawn={waveform?.length ? true : undefined}
      />
      <Text className={classes.length} c={failed ? "red" : undefined}>
        {failed ? t("sound.failed") : duration(playing || at > 0 ? at * 1000 : durationMs)}
      </Text>
    </Group>
  );
}

/** The peaks as a picture behind the slider. */
function drawn(waveform: readonly number[], done: number): React.CSSProperties {
  const bars = waveform
    .map((peak, index) => {
      const height = Math.max(4, peak);
      return `<rect x='${index * 3}' y='${50 - height / 2}' width='2' height='${height}'/>`;
    })
    .join("");
  const picture = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 ${waveform.length * 3} 100' preserveAspectRatio='none'>${bars}</svg>`;
  return {
    "--peaks": `url("data:image/svg+xml,${encodeURIComponent(picture)}")`,
    "--done": `${done * 100}%`,
  } as React.CSSProperties;
}
