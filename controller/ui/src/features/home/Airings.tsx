import { Button, Skeleton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Empty } from "../../parts/Empty";
import { serverNow } from "../../parts/now";
import { Refused } from "../../parts/Refused";
import { Section } from "../../parts/Section";
import { zoned } from "../../parts/times";
import { Agenda } from "../schedule/Agenda";
import { OccurrenceRow } from "../schedule/OccurrenceRow";
import { useOccurrences } from "../schedule/queries";

const SHOWN = 4;
const READ = 50;
/** The longest that one airing may take: what began before it does not sound any more. */
const LONGEST_H = 3;

function useWeek() {
  // From a full hour, so that the question stays the same while it is answered.
  const since = zoned(serverNow()).startOf("hour").subtract(LONGEST_H, "hour");
  return useOccurrences(since.toISOString(), since.add(7, "day").toISOString(), READ);
}

/** What is on air now; nothing while there is silence. */
export function Sounding() {
  const { t } = useTranslation();
  const week = useWeek();
  const sounding = (week.data ?? []).filter(({ state }) => state === "sounding");
  if (sounding.length === 0) return null;
  return (
    <Section title={t("home.now")}>
      {sounding.map((one) => (
        <OccurrenceRow key={one.id} occurrence={one} />
      ))}
    </Section>
  );
}

/** What sounds next, by day. */
export function Coming() {
  const { t } = useTranslation();
  const week = useWeek();
  const now = serverNow();
  const next = (week.data ?? [])
    .filter(({ state, end }) => state === "planned" && Date.parse(end) > now)
    .slice(0, SHOWN);
  return (
    <Section title={t("home.next")}>
      <Refused error={week.error} />
      {week.isPending && <Skeleton h={120} />}
      {week.data && next.length === 0 && (
        <Empty title={t("home.next_none")} hint={t("home.next_none_hint")} />
      )}
      <Agenda occurrences={next} order={3} />
      {next.length > 0 && (
        <Button component={Link} to="/lich" variant="default">
          {t("home.next_all")}
        </Button>
      )}
    </Section>
  );
}
