import { Badge, Button, Group, Select, Skeleton, Stack, Table, Text, Title } from "@mantine/core";
import { DatePickerInput } from "@mantine/dates";
import { IconDownload } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { indented, useAreas } from "../../parts/areas";
import { Empty } from "../../parts/Empty";
import { serverNow } from "../../parts/now";
import { Refused } from "../../parts/Refused";
import { TimeText } from "../../parts/TimeText";
import { zoned } from "../../parts/times";
import classes from "./diary.module.css";
import { asQuery, type Outcome, type Part, type Row, useDiary } from "./queries";

const OUTCOMES = ["sounded", "cut", "missed", "started", "waiting"] as const;

const COLOURS: Record<Outcome, string> = {
  sounded: "brand",
  cut: "orange",
  missed: "red",
  started: "green",
  waiting: "gray",
};

/** What was asked of each loudspeaker and what it says it sounded. */
export default function DiaryPage() {
  const { t } = useTranslation();
  const areas = useAreas();
  const today = zoned(serverNow()).startOf("day");
  const [span, setSpan] = useState<[string | null, string | null]>([
    today.subtract(6, "day").format("YYYY-MM-DD"),
    today.format("YYYY-MM-DD"),
  ]);
  // The overview leads here with a commune, and with what was missed in it.
  const [asked] = useSearchParams();
  const [area, setArea] = useState(asked.get("area"));
  const [outcome, setOutcome] = useState<Outcome | null>(
    OUTCOMES.find((one) => one === asked.get("outcome")) ?? null,
  );
  const part: Part = {
    since: startOf(span[0] ?? today.format("YYYY-MM-DD"), 0),
    until: startOf(span[1] ?? span[0] ?? today.format("YYYY-MM-DD"), 1),
    area_id: area,
    outcome,
  };
  const found = useDiary(part);
  const rows = found.data?.pages.flatMap((page) => page.items) ?? [];
  const file = `/api/v1/diary.csv?${new URLSearchParams(asQuery(part))}`;

  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h2">
          {t("diary.title")}
        </Title>
        <Button
          component="a"
          href={file}
          download
          variant="default"
          h={48}
          leftSection={<IconDownload size={20} aria-hidden="true" />}
        >
          {t("diary.csv")}
        </Button>
      </Group>
      <Group align="flex-end" gap="sm" grow preventGrowOverflow={false}>
        <DatePickerInput
          type="range"
          label={t("diary.span")}
          valueFormat="DD/MM/YYYY"
          allowSingleDateInRange
          value={span}
          onChange={setSpan}
          miw={240}
        />
        <Select
          label={t("diary.area")}
          placeholder={t("diary.everywhere")}
          data={indented(areas.data ?? [])}
          value={area}
          onChange={setArea}
          clearable
          searchable
          miw={200}
        />
        <Select
          label={t("diary.outcome")}
          placeholder={t("diary.any")}
          data={OUTCOMES.map((one) => ({ value: one, label: t(`diary.outcomes.${one}`) }))}
          value={outcome}
          onChange={(value) => setOutcome(value as Outcome | null)}
          clearable
          miw={200}
        />
      </Group>
      <Refused error={found.error} />
      {found.isPending && <Skeleton h={240} />}
      {found.data && rows.length === 0 && (
        <Empty title={t("diary.none")} hint={t("diary.none_hint")} />
      )}
      {rows.length > 0 && <Rows rows={rows} />}
      {found.hasNextPage && (
        <Button
          variant="default"
          h={48}
          loading={found.isFetchingNextPage}
          onClick={() => void found.fetchNextPage()}
        >
          {t("general.more")}
        </Button>
      )}
    </Stack>
  );
}

function startOf(date: string, daysLater: number): string {
  return zoned(`${date}T12:00:00Z`).startOf("day").add(daysLater, "day").toISOString();
}

function Rows({ rows }: { rows: readonly Row[] }) {
  const { t } = useTranslation();
  return (
    <Table className={classes.table} verticalSpacing="sm" stickyHeader stickyHeaderOffset={64}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t("diary.when")}</Table.Th>
          <Table.Th>{t("diary.what")}</Table.Th>
          <Table.Th>{t("diary.where")}</Table.Th>
          <Table.Th>{t("diary.seconds")}</Table.Th>
          <Table.Th>{t("diary.outcome")}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map((row) => (
          <Table.Tr key={`${row.occurrence_id} ${row.terminal_id}`}>
            <Table.Td data-label={t("diary.when")}>
              <TimeText at={row.planned_at} />
            </Table.Td>
            <Table.Td data-label={t("diary.what")}>{row.title}</Table.Td>
            <Table.Td data-label={t("diary.where")}>
              {row.terminal_name} · {row.area_name}
            </Table.Td>
            <Table.Td data-label={t("diary.seconds")}>
              {t("diary.of", {
                sounded: Math.round(row.sounded_s),
                asked: Math.round(row.asked_s),
              })}
            </Table.Td>
            <Table.Td data-label={t("diary.outcome")}>
              <Badge variant="outline" color={COLOURS[row.outcome]} c="bright" size="lg">
                {t(`diary.outcomes.${row.outcome}`)}
              </Badge>
              {row.reason_text && <Text>{row.reason_text}</Text>}
              {row.approved_by && (
                <Text size="sm">{t("diary.approved_by", { name: row.approved_by })}</Text>
              )}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
