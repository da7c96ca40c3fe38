import { Title } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { serverNow } from "../../parts/now";
import { dateOf, dayOf } from "../../parts/times";
import { byDay } from "./days";
import { OccurrenceRow } from "./OccurrenceRow";
import type { Occurrence } from "./queries";
import classes from "./schedule.module.css";

interface AgendaProps {
  occurrences: readonly Occurrence[];
  /** Level of the days' headings. */
  order?: 2 | 3;
  /** What can be done with one airing. */
  acts?: (occurrence: Occurrence) => ReactNode;
}

/** Airings day by day, in order of time. */
export function Agenda({ occurrences, order = 2, acts }: AgendaProps) {
  const label = useDayLabel();
  return (
    <div className={classes.agenda}>
      {byDay(occurrences).map(({ day, start, items }) => (
        <section key={day} aria-label={label(start)}>
          <Title order={order} className={classes.day}>
            {label(start)}
          </Title>
          {items.map((occurrence) => (
            <OccurrenceRow key={occurrence.id} occurrence={occurrence}>
              {acts?.(occurrence)}
            </OccurrenceRow>
          ))}
        </section>
      ))}
    </div>
  );
}

/** "Hôm nay, thứ Ba 24/11" */
export function useDayLabel(): (instant: string) => string {
  const { t } = useTranslation();
  return (instant) => {
    const day = dayOf(instant);
    const ahead = Date.parse(dateOf(instant)) - Date.parse(dateOf(serverNow()));
    if (ahead === 0) return t("schedule.day.today", { day });
    if (ahead === 86_400_000) return t("schedule.day.tomorrow", { day });
    return day.charAt(0).toLocaleUpperCase() + day.slice(1);
  };
}
