import type { Problem } from "./Problems";

/** What is not filled in yet: no fault until somebody tries to send it. */
const MISSING = new Set([
  "recording_missing",
  "recording_not_ready",
  "target_empty",
  "schedule_missing",
]);

export function isMissing({ code }: Problem): boolean {
  return MISSING.has(code);
}

/** Problems of one field and of what lies inside it; `fields` are paths like `schedules.0`. */
export function problemsAt(problems: readonly Problem[], ...fields: string[]): Problem[] {
  return problems.filter(({ field }) =>
    fields.some((one) => field === one || field.startsWith(`${one}.`)),
  );
}

/** Problems of a list as a whole, not of one of its entries. */
export function problemsOf(problems: readonly Problem[], field: string): Problem[] {
  return problems.filter((problem) => problem.field === field);
}
