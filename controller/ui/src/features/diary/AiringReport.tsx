import { Badge, Group, Paper, Table, Text } from "@mantine/core";
import {
  IconAlertTriangle,
  IconCheck,
  IconCut,
  IconHourglass,
  IconVolume,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { SoundButton, soundOf } from "../../parts/SoundButton";
import { TimeText } from "../../parts/TimeText";
import { clockTime } from "../../parts/times";
import { type Airing, soundedFully } from "./airings";
import classes from "./diary.module.css";
import type { Outcome, Row } from "./queries";

const LOOKS: Record<Outcome, { color: string; icon: typeof IconCheck }> = {
  sounded: { color: "brand", icon: IconCheck },
  cut: { color: "orange", icon: IconCut },
  missed: { color: "red", icon: IconAlertTriangle },
  started: { color: "green", icon: IconVolume },
  waiting: { color: "gray", icon: IconHourglass },
};

interface AiringReportProps {
  airing: Airing;
  /** All its loudspeakers are among the rows, so that they can be counted. */
  whole: boolean;
}

/** One airing and what each loudspeaker says of it. */
export function AiringReport({ airing, whole }: AiringReportProps) {
  const { t } = useTranslation();
  const { head, rows } = airing;
  return (
    <Paper withBorder component="section" p="md" aria-label={head.title}>
      <div className={classes.head}>
        <Text fw={600}>
          <TimeText at={head.planned_at} />
        </Text>
        <div>
          {head.announcement_id ? (
            <Link to={`/ban-tin/${head.announcement_id}`} className={classes.title}>
              {head.title}
            </Link>
          ) : (
            <span className={classes.title}>{head.title}</span>
          )}
          <Text>
            {whole && t("diary.summary", { sounded: soundedFully(airing), terminals: rows.length })}
            {whole && head.approved_by && " · "}
            {head.approved_by && t("diary.approved_by", { name: head.approved_by })}
          </Text>
        </div>
        {head.recording_id && (
          <SoundButton
            src={soundOf(head.recording_id)}
            durationMs={head.asked_s * 1000}
            label={head.title}
          />
        )}
      </div>
      <Table className={classes.table} verticalSpacing="xs">
        <Table.Caption className={classes.caption}>
          {t("diary.table", { title: head.title })}
        </Table.Caption>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("diary.terminal")}</Table.Th>
            <Table.Th>{t("diary.seconds")}</Table.Th>
            <Table.Th>{t("diary.result")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <TerminalRow key={row.terminal_id} row={row} />
          ))}
        </Table.Tbody>
      </Table>
    </Paper>
  );
}

function TerminalRow({ row }: { row: Row }) {
  const { t } = useTranslation();
  const { color, icon: Icon } = LOOKS[row.outcome];
  return (
    <Table.Tr>
      <Table.Td>
        <Text fw={600}>{row.terminal_name}</Text>
        <Text>{row.area_name}</Text>
      </Table.Td>
      <Table.Td>
        <Text className={classes.seconds}>
          {t("diary.of", { sounded: Math.round(row.sounded_s), asked: Math.round(row.asked_s) })}
        </Text>
        {row.began_at && <Text>{t("diary.began", { time: clockTime(row.began_at) })}</Text>}
      </Table.Td>
      <Table.Td>
        <Group gap="xs">
          <Badge
            variant="outline"
            color={color}
            c="bright"
            leftSection={<Icon size={16} aria-hidden="true" />}
          >
            {t(`diary.outcomes.${row.outcome}`)}
          </Badge>
          {row.reason_text && <Text>{row.reason_text}</Text>}
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}
