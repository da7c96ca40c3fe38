import { DataList, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Age } from "../../parts/Age";
import { Section } from "../../parts/Section";
import { TimeText } from "../../parts/TimeText";
import type { Terminal } from "./queries";

const CLOCKS = ["trusted", "holdover", "untrusted", "contradicted"] as const;

/** "123 MB", "3,2 GB": as mobile networks count. */
function bytes(count: number, language: string): string {
  const [value, unit] = count < 1e9 ? [count / 1e6, "MB"] : [count / 1e9, "GB"];
  return `${new Intl.NumberFormat(language, { maximumFractionDigits: 1 }).format(value)} ${unit}`;
}

/** What a loudspeaker last told about itself. */
export function TerminalFacts({ terminal }: { terminal: Terminal }) {
  const { t, i18n } = useTranslation();
  const clock = CLOCKS.find((known) => known === terminal.clock) ?? "unknown";
  const facts: [string, ReactNode][] = [
    [
      t("terminals.facts.held"),
      terminal.renditions_wanted === 0
        ? t("terminals.facts.held_all", { held: terminal.renditions_held })
        : t("terminals.facts.held_missing", {
            held: terminal.renditions_held,
            missing: terminal.renditions_wanted,
          }),
    ],
    [t("terminals.facts.clock"), t(`terminals.clock.${clock}`)],
    [t("terminals.facts.data"), bytes(terminal.bytes_month, i18n.language)],
    [
      t("terminals.facts.temperature"),
      terminal.temperature_c === null
        ? t("status.unknown")
        : `${Math.round(terminal.temperature_c)} °C`,
    ],
    [t("terminals.facts.version"), terminal.agent ?? t("status.unknown")],
    [t("terminals.facts.enrolled"), <TimeText key="enrolled" at={terminal.enrolled_at} />],
  ];
  if (terminal.retired_at !== null)
    facts.push([t("terminals.facts.retired"), <TimeText key="r" at={terminal.retired_at} />]);
  return (
    <Section title={t("terminals.facts.title")}>
      <Text c="dimmed">
        {t("terminals.facts.reported")} <Age at={terminal.reported_at} />
      </Text>
      <DataList size="md" withDivider labelWidth="11rem">
        {facts.map(([label, value]) => (
          <DataList.Item key={label}>
            <DataList.ItemLabel>{label}</DataList.ItemLabel>
            <DataList.ItemValue>{value}</DataList.ItemValue>
          </DataList.Item>
        ))}
      </DataList>
    </Section>
  );
}
