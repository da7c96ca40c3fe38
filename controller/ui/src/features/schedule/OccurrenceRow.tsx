import { Badge, Group, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { clockTime } from "../../parts/times";
import type { Occurrence } from "./queries";
import classes from "./schedule.module.css";

const COLOURS: Record<Occurrence["state"], string> = {
  planned: "gray",
  sounding: "green",
  aired: "brand",
  missed: "red",
  cancelled: "gray",
};

interface OccurrenceRowProps {
  occurrence: Occurrence;
  /** What can be done with it. */
  children?: ReactNode;
}

/** One airing: when, what, on how many loudspeakers, how it went. */
export function OccurrenceRow({ occurrence, children }: OccurrenceRowProps) {
  const { t } = useTranslation();
  const { state, terminals, stored, sounded } = occurrence;
  return (
    <article className={classes.row} data-state={state}>
      <div className={classes.time}>
        <strong>{clockTime(occurrence.start)}</strong>
        <Text span size="sm">
          {t("schedule.until", { time: clockTime(occurrence.end) })}
        </Text>
      </div>
      <div className={classes.what}>
        <Link to={`/ban-tin/${occurrence.announcement_id}`} className={classes.title}>
          {occurrence.title}
        </Link>
        <Group gap="xs">
          <Badge
            variant={state === "planned" ? "outline" : "light"}
            color={COLOURS[state]}
            size="lg"
          >
            {t(`schedule.state.${state}`)}
          </Badge>
          {occurrence.message_class !== "ordinary" && (
            <Badge
              variant="outline"
              color={occurrence.message_class === "emergency" ? "red" : "orange"}
              size="lg"
            >
              {t(`compose.class.${occurrence.message_class}`)}
            </Badge>
          )}
          <Text span>
            {state === "planned"
              ? t("schedule.stored", { stored, terminals })
              : t("schedule.sounded", { sounded, terminals })}
          </Text>
        </Group>
        {occurrence.reason && <Text>{occurrence.reason}</Text>}
      </div>
      {children}
    </article>
  );
}
