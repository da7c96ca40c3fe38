import { Button, VisuallyHidden } from "@mantine/core";
import { IconPlayerPauseFilled, IconPlayerPlayFilled } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { duration } from "./times";
import { useSound } from "./useSound";

interface SoundButtonProps {
  src: string;
  durationMs: number;
  /** What is heard, for whoever does not see the page. */
  label: string;
}

/** Listening from a list: one button with the length, or how far it is. */
export function SoundButton({ src, durationMs, label }: SoundButtonProps) {
  const { t } = useTranslation();
  const { element, playing, at, failed, toggle } = useSound(src, durationMs);
  const Icon = playing ? IconPlayerPauseFilled : IconPlayerPlayFilled;
  return (
    <>
      <audio {...element} />
      <Button
        variant="light"
        h={48}
        px="sm"
        radius="xl"
        leftSection={<Icon size={18} aria-hidden="true" />}
        onClick={toggle}
      >
        <VisuallyHidden>{t(playing ? "sound.pause" : "sound.play", { label })}</VisuallyHidden>
        {/* Not part of the name: it would be read out again and again while it runs. */}
        <span aria-hidden="true">
          {failed ? t("sound.failed") : duration(playing || at > 0 ? at * 1000 : durationMs)}
        </span>
      </Button>
    </>
  );
}

/** Address of a recording's sound. */
export function soundOf(recordingId: string): string {
  return `/api/v1/recordings/${recordingId}/sound`;
}
