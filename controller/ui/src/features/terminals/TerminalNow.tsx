import { Alert, List, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Age } from "../../parts/Age";
import { Section } from "../../parts/Section";
import { DoingText } from "./DoingText";
import type { Terminal } from "./queries";

/** What a loudspeaker sounds now or next, and what is wrong with it. */
export function TerminalNow({ terminal }: { terminal: Terminal }) {
  const { t } = useTranslation();
  const { sounding } = terminal;
  return (
    <Section title={t("terminals.now.title")}>
      <DoingText terminal={terminal} />
      {sounding !== null && (
        <Text>
          {t(`terminals.class.${sounding.message_class}`)}
          {sounding.since !== null && (
            <>
              {" · "}
              {t("terminals.now.for")} <Age at={sounding.since} />
            </>
          )}
        </Text>
      )}
      {terminal.problem_texts.length > 0 && (
        <Alert
          color="red"
          variant="outline"
          icon={<IconAlertTriangle aria-hidden="true" />}
          title={t("terminals.now.problems")}
        >
          <Problems texts={terminal.problem_texts} />
        </Alert>
      )}
    </Section>
  );
}

function Problems({ texts }: { texts: readonly string[] }) {
  return (
    <List>
      {texts.map((text) => (
        <List.Item key={text}>{text}</List.Item>
      ))}
    </List>
  );
}
