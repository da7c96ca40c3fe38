import { Button, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { useMay } from "../../app/session";
import { Empty } from "../../parts/Empty";
import { Refused } from "../../parts/Refused";
import { filterOf, found, queryOf } from "./filter";
import { useTerminals } from "./queries";
import { TerminalFilters } from "./TerminalFilters";
import { TerminalTable } from "./TerminalTable";

/** All loudspeakers the reader sees, with their live state. */
export default function TerminalsPage() {
  const { t } = useTranslation();
  const may = useMay();
  const [query, setQuery] = useSearchParams();
  const filter = filterOf(query);
  const list = useTerminals(filter);
  const loaded = list.data?.pages.flatMap((page) => page.items) ?? [];
  const shown = found(loaded, filter.search);
  const unfiltered = filter.area === null && filter.health === null && filter.search === "";
  return (
    <Stack gap="lg">
      <Group justify="space-between">
        <Title order={1} size="h2">
          {t("terminals.title")}
        </Title>
        {may("manage_terminals") && (
          <Button
            component={Link}
            to="/loa/lap-moi"
            leftSection={<IconPlus size={20} aria-hidden="true" />}
          >
            {t("terminals.enrol")}
          </Button>
        )}
      </Group>
      <TerminalFilters
        filter={filter}
        onChange={(next) => setQuery(queryOf(next), { replace: true })}
      />
      <Refused error={list.error} />
      {list.isPending && <Skeleton height={240} aria-label={t("terminals.loading")} />}
      {list.isSuccess && shown.length === 0 && (
        <Empty
          title={t(unfiltered ? "terminals.none" : "terminals.none_found")}
          hint={t(unfiltered ? "terminals.none_hint" : "terminals.none_found_hint")}
        />
      )}
      {shown.length > 0 && <TerminalTable terminals={shown} />}
      {list.hasNextPage && (
        <Group>
          <Button
            variant="default"
            loading={list.isFetchingNextPage}
            onClick={() => list.fetchNextPage()}
          >
            {t("terminals.more")}
          </Button>
          <Text c="dimmed">{t("terminals.more_hint", { number: loaded.length })}</Text>
        </Group>
      )}
    </Stack>
  );
}
