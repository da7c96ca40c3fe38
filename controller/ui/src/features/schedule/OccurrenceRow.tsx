import { Badge, Group, Text } from "@mantine/core";
import { IconAlertTriangle, IconCheck, IconClock, IconVolume, IconX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { SoundButton, soundOf } from "../../parts/SoundButton";
import { clockTime } from "../../parts/times";
import type { Occurrence } from "./queries";
import classes from "./schedule.module.css";

const LOOKS: Record<Occurrence["state"], { color: string; icon: typeof IconCheck }> = {
  planned: { color: "gray", icon: IconClock },
  sounding: { color: "green", icon: IconVolume },
  aired: { color: "brand", icon: IconCheck },
  missed: { color: "red", icon: IconAlertTriangle },
  cancelled: { color: "gray", icon: IconX },
};

interface OccurrenceRowProps {
  occurrence: Occurrence;
  /** What can be done with it. */
  children?: ReactNode;
}

/** One airing: when, what, on how many loudspeakers, how it went. */
export function OccurrenceRow({ occurrence, children }: OccurrenceRowProps) {
  const { t } = useTranslation();
  const { state, terminals, stored, sounded, start, end, recording_id } = occurrence;
  const { color, icon: Icon } = LOOKS[state];
  return (
    <article className={classes.row} data-state={state}>
      <div className={classes.time}>
        <strong>{clockTime(start)}</strong>
        <Text span size="sm">
          {t("schedule.until", { time: clockTime(end) })}
        </Text>
      </div>
      <div className={classes.what}>
        <Link to={`/ban-tin/${occurrence.announcement_id}`} className={classes.title}>
          {occurrence.title}
        </Link>
        <Group gap="xs">
          {state !== "planned" && (
            <Badge
              variant="outline"
              color={color}
              c="bright"
              leftSection={<Icon size={16} aria-hidden="true" />}
            >
              {t(`schedule.state.${state}`)}
            </Badge>
          )}
          {occurrence.message_class !== "ordinary" && (
            <Badge
              variant={occurrence.message_class === "emergency" ? "filled" : "outline"}
              color={occurrence.message_class === "emergency" ? "emergency" : "orange"}
              c={occurrence.message_class === "emergency" ? "white" : "bright"}
            >
              {t(`compose.class.${occurrence.message_class}`)}
            </Badge>
          )}
          {state !== "cancelled" && (
            <Text span>
              {state === "planned"
                ? t("schedule.stored", { stored, terminals })
                : t("schedule.sounded", { sounded, terminals })}
            </Text>
          )}
        </Group>
        {occurrence.reason && <Text>{occurrence.reason}</Text>}
      </div>
      {recording_id && (
        <div className={classes.sound}>
          <SoundButton
            src={soundOf(recording_id)}
            durationMs={Date.parse(end) - Date.parse(start)}
            label={occurrence.title}
          />
        </div>
      )}
      {children && <div className={classes.acts}>{children}</div>}
    </article>
  );
}
