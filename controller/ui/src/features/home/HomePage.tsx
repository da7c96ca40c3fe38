import { Button, SimpleGrid, Skeleton, Stack, Text, Title, UnstyledButton } from "@mantine/core";
import {
  IconAlertHexagon,
  IconCalendarPlus,
  IconClipboardCheck,
  IconMap2,
  IconMicrophone,
  IconSpeakerphone,
} from "@tabler/icons-react";
import type { ComponentType } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useMay, useSession } from "../../app/session";
import { Empty } from "../../parts/Empty";
import { serverNow } from "../../parts/now";
import { Refused } from "../../parts/Refused";
import { Section } from "../../parts/Section";
import { zoned } from "../../parts/times";
import { AnnouncementCard } from "../announcements/AnnouncementCard";
import { useAnnouncements } from "../announcements/queries";
import { OccurrenceRow } from "../schedule/OccurrenceRow";
import { useOccurrences } from "../schedule/queries";
import classes from "./home.module.css";

const SHOWN = 5;

/** What one does most, what sounds now and next, what waits for a decision. */
export default function HomePage() {
  const { t } = useTranslation();
  const { account } = useSession();
  const may = useMay();
  return (
    <Stack gap="lg">
      <Title order={1} size="h2">
        {t("home.greeting", { name: account.display_name })}
      </Title>
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md">
        {may("compose") && (
          <>
            <Action
              to="/soan"
              icon={IconMicrophone}
              name={t("home.record")}
              hint={t("home.record_hint")}
              primary
            />
            <Action
              to="/soan?hen-gio"
              icon={IconCalendarPlus}
              name={t("home.plan")}
              hint={t("home.plan_hint")}
            />
          </>
        )}
        {!may("compose") && (
          <>
            <Action
              to="/toan-tinh"
              icon={IconMap2}
              name={t("home.overview")}
              hint={t("home.overview_hint")}
              primary
            />
            <Action
              to="/loa"
              icon={IconSpeakerphone}
              name={t("home.terminals")}
              hint={t("home.terminals_hint")}
            />
          </>
        )}
      </SimpleGrid>
      {may("decide") && <Waiting />}
      {may("compose") && !may("decide") && <Returned />}
      <Coming />
      <Button
        component={Link}
        to="/khan-cap"
        variant="subtle"
        color="red"
        h={48}
        leftSection={<IconAlertHexagon aria-hidden="true" />}
        className={classes.emergency}
      >
        {t("home.emergency")}
      </Button>
    </Stack>
  );
}

interface ActionProps {
  to: string;
  icon: ComponentType<{ size?: number; stroke?: number; "aria-hidden"?: boolean }>;
  name: string;
  hint: string;
  primary?: boolean;
}

function Action({ to, icon: Icon, name, hint, primary }: ActionProps) {
  return (
    <UnstyledButton
      component={Link}
      to={to}
      className={classes.action}
      data-primary={primary || undefined}
    >
      <Icon size={40} stroke={1.6} aria-hidden />
      <span>
        <strong>{name}</strong>
        <span className={classes.hint}>{hint}</span>
      </span>
    </UnstyledButton>
  );
}

function Waiting() {
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
      {items.length > 0 && (
        <Button
          component={Link}
          to="/ban-tin?cho-duyet"
          variant="default"
          h={48}
          leftSection={<IconClipboardCheck size={22} aria-hidden="true" />}
        >
          {t("home.waiting_all")}
        </Button>
      )}
    </Section>
  );
}

function Returned() {
  const { t } = useTranslation();
  const found = useAnnouncements("returned", SHOWN);
  const items = found.data?.pages[0]?.items ?? [];
  if (items.length === 0) return null;
  return (
    <Section title={t("home.returned")}>
      {items.map((one) => (
        <AnnouncementCard key={one.id} announcement={one} />
      ))}
    </Section>
  );
}

function Coming() {
  const { t } = useTranslation();
  // From the start of the minute, so that the question stays the same while it is answered.
  const since = zoned(serverNow()).startOf("hour").subtract(2, "hour");
  const found = useOccurrences(since.toISOString(), since.add(7, "day").toISOString(), 50);
  const now = serverNow();
  const sounding = (found.data ?? []).filter(({ state }) => state === "sounding");
  const next = (found.data ?? [])
    .filter(({ state, end }) => state === "planned" && Date.parse(end) > now)
    .slice(0, SHOWN);
  return (
    <>
      {sounding.length > 0 && (
        <Section title={t("home.now")}>
          {sounding.map((one) => (
            <OccurrenceRow key={one.id} occurrence={one} />
          ))}
        </Section>
      )}
      <Section title={t("home.next")}>
        <Refused error={found.error} />
        {found.isPending && <Skeleton h={120} />}
        {found.data && next.length === 0 && (
          <Empty title={t("home.next_none")} hint={t("home.next_none_hint")} />
        )}
        {next.map((one) => (
          <OccurrenceRow key={one.id} occurrence={one} />
        ))}
      </Section>
    </>
  );
}
