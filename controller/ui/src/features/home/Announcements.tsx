import { Button, Skeleton, Text } from "@mantine/core";
import { IconClipboardCheck } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useMay, useSession } from "../../app/session";
import { Refused } from "../../parts/Refused";
import { Section } from "../../parts/Section";
import { AnnouncementCard } from "../announcements/AnnouncementCard";
import { useAnnouncements } from "../announcements/queries";

const SHOWN = 3;

/** What waits for this approver. */
export function Waiting() {
  const { t } = useTranslation();
  const found = useAnnouncements("submitted", SHOWN);
  const items = found.data?.pages[0]?.items ?? [];
  return (
    <Section title={t("home.waiting")}>
      <Refused error={found.error} />
      {found.isPending && <Skeleton h={80} />}
      {found.data && items.length === 0 && <Text>{t("home.waiting_none")}</Text>}
      {items.map((one) => (
        <AnnouncementCard key={one.id} announcement={one} />
      ))}
      {found.hasNextPage && (
        <Button
          component={Link}
          to="/ban-tin?trang-thai=submitted"
          variant="default"
          leftSection={<IconClipboardCheck size={22} aria-hidden="true" />}
        >
          {t("home.waiting_all")}
        </Button>
      )}
    </Section>
  );
}

/** What came back and has to be changed. */
export function Returned() {
  const { t } = useTranslation();
  const { account } = useSession();
  const may = useMay();
  const found = useAnnouncements("returned");
  // Who decides sent them back; only one's own ones are one's own work.
  const items = (found.data?.pages[0]?.items ?? [])
    .filter(({ author_id }) => !may("decide") || author_id === account.id)
    .slice(0, SHOWN);
  if (items.length === 0) return null;
  return (
    <Section title={t("home.returned")}>
      {items.map((one) => (
        <AnnouncementCard key={one.id} announcement={one} />
      ))}
    </Section>
  );
}

/** What this person began and did not send yet. */
export function Drafts() {
  const { t } = useTranslation();
  const { account } = useSession();
  const found = useAnnouncements("draft");
  const mine = (found.data?.pages[0]?.items ?? [])
    .filter(({ author_id }) => author_id === account.id)
    .slice(0, SHOWN);
  if (mine.length === 0) return null;
  return (
    <Section title={t("home.drafts")}>
      {mine.map(({ id, title }) => (
        <Button key={id} component={Link} to={`/soan/${id}`} variant="default" justify="flex-start">
          {title}
        </Button>
      ))}
    </Section>
  );
}
