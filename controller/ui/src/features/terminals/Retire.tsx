import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Refused } from "../../parts/Refused";
import { Section } from "../../parts/Section";
import { type Terminal, useRetireTerminal } from "./queries";

/** Takes a loudspeaker out of service for good, after its name was typed. */
export function Retire({ terminal }: { terminal: Terminal }) {
  const { t } = useTranslation();
  const [opened, { open, close }] = useDisclosure(false);
  const [typed, setTyped] = useState("");
  const retire = useRetireTerminal(terminal.id);
  return (
    <Section title={t("terminals.retire.title")}>
      <Text>{t("terminals.retire.sentence")}</Text>
      <Group>
        <Button variant="outline" color="red" onClick={open}>
          {t("terminals.retire.press")}
        </Button>
      </Group>
      <Modal
        opened={opened}
        onClose={close}
        title={t("terminals.retire.ask", { name: terminal.name })}
        closeButtonProps={{ "aria-label": t("terminals.retire.keep") }}
      >
        <Stack>
          <Text>{t("terminals.retire.consequence")}</Text>
          <TextInput
            data-autofocus
            label={t("terminals.retire.type", { name: terminal.name })}
            value={typed}
            autoComplete="off"
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          <Refused error={retire.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {t("terminals.retire.keep")}
            </Button>
            <Button
              color="red"
              disabled={typed.trim().normalize("NFC") !== terminal.name.normalize("NFC")}
              loading={retire.isPending}
              onClick={() => retire.mutate(undefined, { onSuccess: close })}
            >
              {t("terminals.retire.press")}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </Section>
  );
}
