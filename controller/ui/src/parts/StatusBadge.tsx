import { VisuallyHidden } from "@mantine/core";
import {
  IconAlertTriangle,
  IconAntennaBarsOff,
  IconArchive,
  IconQuestionMark,
  IconVolume,
} from "@tabler/icons-react";
import type { ComponentType } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import { Age } from "./Age";
import classes from "./StatusBadge.module.css";

export type Health = Schemas["TerminalView"]["health"];

/** Every state, the one that needs eyes first. */
export const HEALTHS = [
  "faulty",
  "silent",
  "unknown",
  "on_air",
  "ready",
  "retired",
] as const satisfies readonly Health[];

function Level() {
  return (
    <span className={classes.level} aria-hidden="true">
      <i />
      <i />
      <i />
    </span>
  );
}

function icon(Icon: ComponentType<{ size: number; stroke: number }>) {
  return () => <Icon size={20} stroke={2} aria-hidden="true" />;
}

const icons: Record<Health, ComponentType> = {
  on_air: Level,
  ready: icon(IconVolume),
  silent: icon(IconAntennaBarsOff),
  faulty: icon(IconAlertTriangle),
  unknown: icon(IconQuestionMark),
  retired: icon(IconArchive),
};

interface StatusBadgeProps {
  health: Health;
  /** When the state was reported; left out where no age belongs (a legend, a filter). */
  at?: string | null;
  /** Shown instead of an age: how many loudspeakers are in this state. */
  count?: number;
  /** The word is left to screen readers; for columns whose head says it. */
  short?: boolean;
}

/** State of a loudspeaker, the same everywhere: sign, word, age. Unknown is never green. */
export function StatusBadge({ health, at, count, short = false }: StatusBadgeProps) {
  const { t } = useTranslation();
  const Icon = icons[health];
  return (
    <span className={classes.badge} data-health={health}>
      <Icon />
      {short ? (
        <VisuallyHidden>{t(`status.${health}`)}</VisuallyHidden>
      ) : (
        <span>{t(`status.${health}`)}</span>
      )}
      {count !== undefined && <strong>{count}</strong>}
      {count === undefined && at !== undefined && (
        <span className={classes.age}>
          {"· "}
          <Age at={at} />
        </span>
      )}
    </span>
  );
}
