import { Text } from "@mantine/core";
import { IconAlertTriangle, IconInfoCircle } from "@tabler/icons-react";
import type { Schemas } from "../api/client";
import classes from "./Problems.module.css";

export type Problem = Schemas["ProblemView"];

interface ProblemsProps {
  problems: readonly Problem[];
  /** Worth knowing, but not in the way. */
  warnings?: readonly Problem[];
  id?: string;
}

/** What stands in the way, beside the field that it is about. */
export function Problems({ problems, warnings = [], id }: ProblemsProps) {
  return (
    <div id={id} aria-live="polite" className={classes.list}>
      {problems.map(({ code, field, text }) => (
        <Text key={`${code} ${field}`} className={classes.problem}>
          <IconAlertTriangle size={20} aria-hidden="true" />
          <span>{text}</span>
        </Text>
      ))}
      {warnings.map(({ code, field, text }) => (
        <Text key={`${code} ${field}`} className={classes.warning}>
          <IconInfoCircle size={20} aria-hidden="true" />
          <span>{text}</span>
        </Text>
      ))}
    </div>
  );
}
