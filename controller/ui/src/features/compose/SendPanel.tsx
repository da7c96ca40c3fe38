import { Button, Collapse, Paper, Skeleton, Stack, Text, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconSend } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { isMissing } from "../../parts/problems";
import { Refused } from "../../parts/Refused";
import { TimeText } from "../../parts/TimeText";
import { useSubmit } from "../announcements/queries";
import classes from "./compose.module.css";
import { type Draft, type DraftState, isComplete } from "./draft";
import type { Preview } from "./preview";

interface SendPanelProps {
  draft: Draft;
  state: DraftState;
  preview: Preview;
  /** Sending was tried while something stands in the way. */
  onHindered: () => void;
}

/** The sentence of what will happen, always in sight, and the one button. */
export function SendPanel({ draft, state, preview, onHindered }: SendPanelProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const submit = useSubmit();
  const [error, setError] = useState<unknown>(null);
  const [sending, setSending] = useState(false);
  const [opened, { toggle }] = useDisclosure();
  const outlook = preview.data;
  const problems = outlook?.problems ?? [];
  const missing = problems.filter(isMissing);
  const complete = isComplete(state.content);

  async function send() {
    if (sending) return;
    setError(null);
    if (!complete || problems.length > 0) {
      onHindered();
      return;
    }
    setSending(true);
    try {
      const saved = await draft.flush();
      const sent = await submit.mutateAsync({ id: saved.id, revision: saved.revision });
      notifications.show({ message: t("compose.send.done") });
      void navigate(`/ban-tin/${sent.id}`, { replace: true });
    } catch (refusal) {
      setError(refusal);
      setSending(false);
    }
  }

  return (
    <Paper
      component="aside"
      withBorder
      className={classes.panel}
      aria-label={t("compose.send.will")}
    >
      <Stack gap="sm">
        <div aria-live="polite">
          {outlook ? (
            <Text fw={600} className={classes.sentence} data-settled={preview.settled || undefined}>
              {outlook.sentence}
            </Text>
          ) : preview.error ? (
            <Refused error={preview.error} />
          ) : (
            <Skeleton h={48} />
          )}
        </div>
        {outlook && outlook.next.length > 1 && (
          <div>
            <UnstyledButton className={classes.more} onClick={toggle} aria-expanded={opened}>
              {t("compose.send.times", { count: outlook.next.length })}
            </UnstyledButton>
            <Collapse expanded={opened}>
              <ul className={classes.times}>
                {outlook.next.map(({ start }) => (
                  <li key={start}>
                    <TimeText at={start} />
                  </li>
                ))}
              </ul>
            </Collapse>
          </div>
        )}
        {missing.length > 0 && (
          <Text className={classes.missing}>
            {t("compose.send.missing", {
              what: missing.map(({ code }) => t(`compose.missing.${code}`)).join(", "),
            })}
          </Text>
        )}
        <Refused error={error} />
        <Button
          size="lg"
          h={56}
          fullWidth
          leftSection={<IconSend size={22} aria-hidden="true" />}
          variant={complete && problems.length === 0 ? "filled" : "light"}
          loading={sending}
          disabled={state.phase === "conflict"}
          onClick={() => void send()}
        >
          {t("compose.send.act")}
        </Button>
      </Stack>
    </Paper>
  );
}
