import { Alert, Button, Group, Radio, Slider, Stack, Text } from "@mantine/core";
import { IconEar } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Refused } from "../../parts/Refused";
import { Section } from "../../parts/Section";
import { type Terminal, type TestKind, useTestTerminal } from "./queries";

const LOUDEST_TEST = 60;

/** Tries a loudspeaker: with a short tone, or without any sound. */
export function TestSound({ terminal }: { terminal: Terminal }) {
  const { t } = useTranslation();
  const [kind, setKind] = useState<TestKind>("chime");
  const [volume, setVolume] = useState(30);
  const test = useTestTerminal(terminal.id);
  return (
    <Section title={t("terminals.test.title")}>
      <Radio.Group
        value={kind}
        onChange={(value) => setKind(value === "silent" ? "silent" : "chime")}
        aria-label={t("terminals.test.kind")}
      >
        <Stack gap="xs">
          <Radio size="md" value="chime" label={t("terminals.test.chime")} />
          <Radio size="md" value="silent" label={t("terminals.test.silent")} />
        </Stack>
      </Radio.Group>
      {kind === "chime" && (
        <Slider
          min={5}
          max={LOUDEST_TEST}
          step={5}
          value={volume}
          onChange={setVolume}
          label={null}
          thumbSize={28}
          size="lg"
          thumbLabel={t("terminals.volume.label")}
        />
      )}
      <Text>
        {kind === "chime"
          ? t("terminals.test.chime_sentence", { name: terminal.name, volume })
          : t("terminals.test.silent_sentence", { name: terminal.name })}
      </Text>
      <Group>
        <Button
          variant="default"
          leftSection={<IconEar size={20} aria-hidden="true" />}
          loading={test.isPending}
          onClick={() => test.mutate({ kind, volume })}
        >
          {t(`terminals.test.press.${kind}`)}
        </Button>
      </Group>
      <Refused error={test.error} />
      {test.data !== undefined && (
        <Alert role="status" color="gray">
          {test.data.outcome ??
            t(test.data.acknowledged ? "terminals.test.acknowledged" : "terminals.test.sent")}
        </Alert>
      )}
    </Section>
  );
}
