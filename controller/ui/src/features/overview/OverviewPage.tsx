import {
  Button,
  Group,
  SegmentedControl,
  Skeleton,
  Stack,
  Text,
  TextInput,
  Title,
} from "@mantine/core";
import { IconMaximize, IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Age } from "../../parts/Age";
import { Empty } from "../../parts/Empty";
import { Refused } from "../../parts/Refused";
import { CommuneTable } from "./CommuneTable";
import { chosen, SHOWN, type Shown, totalsOf } from "./communes";
import { useOverview } from "./queries";
import { TotalsBar } from "./TotalsBar";

/** What is alive, silent or faulty, what sounds and what was missed, in every commune. */
export default function OverviewPage() {
  const { t } = useTranslation();
  const [shown, setShown] = useState<Shown>("all");
  const [search, setSearch] = useState("");
  const overview = useOverview();
  const communes = overview.data?.communes ?? [];
  const rows = chosen(communes, shown, search);
  return (
    <Stack gap="lg">
      <Group justify="space-between">
        <Stack gap={0}>
          <Title order={1} size="h2">
            {t("overview.title")}
          </Title>
          {overview.data !== undefined && (
            <Text c="dimmed">
              {t("overview.age")} <Age at={overview.data.at} />
            </Text>
          )}
        </Stack>
        <Button
          component={Link}
          to="/toan-tinh/man-hinh-lon"
          variant="default"
          leftSection={<IconMaximize size={20} aria-hidden="true" />}
        >
          {t("overview.wall")}
        </Button>
      </Group>
      <Refused error={overview.error} />
      {overview.isPending && <Skeleton height={320} aria-label={t("overview.loading")} />}
      {overview.isSuccess && (
        <>
          <TotalsBar totals={totalsOf(communes)} />
          <Group gap="sm" align="center">
            <TextInput
              type="search"
              aria-label={t("overview.search")}
              placeholder={t("overview.search")}
              leftSection={<IconSearch size={20} aria-hidden="true" />}
              value={search}
              onChange={(event) => setSearch(event.currentTarget.value)}
            />
            <SegmentedControl
              aria-label={t("overview.shown.label")}
              size="md"
              value={shown}
              onChange={(value) => setShown(SHOWN.find((one) => one === value) ?? "all")}
              data={SHOWN.map((value) => ({ value, label: t(`overview.shown.${value}`) }))}
            />
          </Group>
          {rows.length > 0 && <CommuneTable communes={rows} />}
          {communes.length === 0 && (
            <Empty title={t("overview.none")} hint={t("overview.none_hint")} />
          )}
          {communes.length > 0 && rows.length === 0 && (
            <Empty title={t("overview.none_shown")} hint={t("overview.none_shown_hint")} />
          )}
        </>
      )}
    </Stack>
  );
}
