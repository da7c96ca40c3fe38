import { Button, Group, Skeleton, Stack, Title } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { Empty } from "../../parts/Empty";
import { serverNow } from "../../parts/now";
import { Refused } from "../../parts/Refused";
import { zoned } from "../../parts/times";
import { AiringReport } from "./AiringReport";
import { byAiring } from "./airings";
import { DiaryFilters, type Filter } from "./DiaryFilters";
import { asQuery, OUTCOMES, type Part, useDiary } from "./queries";

/** What was asked of each loudspeaker and what it says it sounded. */
export default function DiaryPage() {
  const { t } = useTranslation();
  const today = zoned(serverNow()).startOf("day");
  // The overview leads here with a commune, and with what was missed in it.
  const [asked] = useSearchParams();
  const [filter, setFilter] = useState<Filter>({
    span: [today.subtract(6, "day").format("YYYY-MM-DD"), today.format("YYYY-MM-DD")],
    area: asked.get("area"),
    outcome: OUTCOMES.find((one) => one === asked.get("outcome")) ?? null,
  });
  const [first, last] = filter.span;
  const part: Part = {
    since: startOf(first ?? today.format("YYYY-MM-DD"), 0),
    until: startOf(last ?? first ?? today.format("YYYY-MM-DD"), 1),
    area_id: filter.area,
    outcome: filter.outcome,
  };
  const found = useDiary(part);
  const airings = byAiring(found.data?.pages.flatMap((page) => page.items) ?? []);
  const narrowed = filter.area !== null || filter.outcome !== null;

  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h2">
          {t("diary.title")}
        </Title>
        <Button
          component="a"
          href={`/api/v1/diary.csv?${new URLSearchParams(asQuery(part))}`}
          download
          variant="default"
          leftSection={<IconDownload size={20} aria-hidden="true" />}
        >
          {t("diary.csv")}
        </Button>
      </Group>
      <DiaryFilters filter={filter} onChange={setFilter} />
      <Refused error={found.error} />
      {found.isPending && <Skeleton h={240} />}
      {found.data && airings.length === 0 && (
        <Empty
          title={t(narrowed ? "diary.none_such" : "diary.none")}
          hint={t(narrowed ? "diary.none_such_hint" : "diary.none_hint")}
        />
      )}
      {airings.map((airing, index) => (
        <AiringReport
          key={airing.id}
          airing={airing}
          // More of the last one may be on the next page, and a filter hides some.
          whole={filter.outcome === null && !(found.hasNextPage && index === airings.length - 1)}
        />
      ))}
      {found.hasNextPage && (
        <Button
          variant="default"
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
