import { Button, Chip, Group, Skeleton, Stack, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { useMay } from "../../app/session";
import { Empty } from "../../parts/Empty";
import { Refused } from "../../parts/Refused";
import { AnnouncementCard } from "./AnnouncementCard";
import { useAnnouncements } from "./queries";

const STATES = ["submitted", "approved", "draft", "returned", "withdrawn"] as const;

/** All announcements, by where they stand. */
export default function AnnouncementsPage() {
  const { t } = useTranslation();
  const may = useMay();
  const [search, setSearch] = useSearchParams();
  const state = STATES.find((one) => one === search.get("trang-thai")) ?? null;
  const found = useAnnouncements(state);
  const items = found.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Stack maw={820}>
      <Group justify="space-between">
        <Title order={1} size="h2">
          {t("announcements.title")}
        </Title>
        {may("compose") && (
          <Button component={Link} to="/soan" h={48}>
            {t("announcements.new")}
          </Button>
        )}
      </Group>
      <Chip.Group
        value={state ?? "all"}
        onChange={(value) =>
          setSearch(value === "all" ? {} : { "trang-thai": value }, { replace: true })
        }
      >
        <Group gap="xs" role="radiogroup" aria-label={t("announcements.which")}>
          <Chip value="all" size="lg">
            {t("announcements.all")}
          </Chip>
          {STATES.map((one) => (
            <Chip key={one} value={one} size="lg">
              {t(`announcements.state.${one}`)}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
      <Refused error={found.error} />
      {found.isPending && <Skeleton h={240} />}
      {found.data && items.length === 0 && (
        <Empty
          title={t(state === null ? "announcements.none" : "announcements.none_such")}
          hint={t(may("compose") ? "announcements.none_hint" : "announcements.none_hint_read")}
        />
      )}
      {items.map((one) => (
        <AnnouncementCard key={one.id} announcement={one} />
      ))}
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
