import { dateOf } from "../../parts/times";

interface Timed {
  /** ISO 8601 instant. */
  start: string;
}

export interface DayOf<T> {
  /** "2026-11-24" in the area's zone. */
  day: string;
  /** Start of the first of the day. */
  start: string;
  items: T[];
}

/** What is in order of time, by local day. */
export function byDay<T extends Timed>(timed: readonly T[]): DayOf<T>[] {
  const days: DayOf<T>[] = [];
  for (const one of timed) {
    const day = dateOf(one.start);
    const last = days.at(-1);
    if (last?.day === day) last.items.push(one);
    else days.push({ day, start: one.start, items: [one] });
  }
  return days;
}
