import { Text } from "@mantine/core";
import { Trans, useTranslation } from "react-i18next";
import { useNow } from "../../parts/now";
import { TimeText } from "../../parts/TimeText";
import { doing } from "./filter";
import type { Terminal } from "./queries";

/** One line: what a loudspeaker sounds now, or what comes next. */
export function DoingText({ terminal }: { terminal: Terminal }) {
  const { t } = useTranslation();
  const now = useNow();
  const state = doing(terminal, now);
  if (state === "sounding") return <Text fw={600}>{terminal.sounding?.title}</Text>;
  if (state === "stopped" && terminal.stopped_until !== null)
    return (
      <Text>
        <Trans
          t={t}
          i18nKey="terminals.doing.stopped"
          components={{ time: <TimeText at={terminal.stopped_until} /> }}
        />
      </Text>
    );
  if (state === "next" && terminal.next_start !== null)
    return (
      <Text>
        <Trans
          t={t}
          i18nKey="terminals.doing.next"
          values={{ title: terminal.next_title ?? "" }}
          components={{ time: <TimeText at={terminal.next_start} /> }}
        />
      </Text>
    );
  return <Text c="dimmed">{t("terminals.doing.nothing")}</Text>;
}
