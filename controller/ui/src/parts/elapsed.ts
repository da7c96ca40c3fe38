export type AgeUnit = "seconds" | "minutes" | "hours" | "days";

export interface AgeParts {
  unit: AgeUnit;
  count: number;
}

const steps: readonly [AgeUnit, number][] = [
  ["days", 86_400_000],
  ["hours", 3_600_000],
  ["minutes", 60_000],
];

/** How long ago `at` was, in the largest whole unit; what lies ahead is 0 seconds old. */
export function ageParts(at: number, now: number): AgeParts {
  const age = Math.max(0, now - at);
  for (const [unit, length] of steps) {
    if (age >= length) return { unit, count: Math.floor(age / length) };
  }
  return { unit: "seconds", count: Math.floor(age / 1000) };
}
