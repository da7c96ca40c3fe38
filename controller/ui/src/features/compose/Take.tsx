import { Button, Stack, Text } from "@mantine/core";
import { IconCheck, IconRefresh } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { SoundPlayer } from "../../parts/SoundPlayer";
import type { Taken } from "./recorder";

const SHORT_MS = 1_000;

interface TakeProps {
  taken: Taken;
  busy: boolean;
  onUse: () => void;
  onAnew: () => void;
}

/** What was just recorded: listen, then use it or record again. */
export function Take({ taken, busy, onUse, onAnew }: TakeProps) {
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
