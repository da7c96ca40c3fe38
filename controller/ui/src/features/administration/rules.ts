import type { Schemas } from "../../api/client";

export type Policy = Schemas["PolicyBody"];
export type PolicyView = Schemas["PolicyView"];
export type QuietWindow = Policy["quiet"][number];

export const WEEKDAYS = [1, 2, 3, 4, 5, 6, 7] as const;

export interface QuietRow {
  key: string;
  start: string;
  end: string;
  weekdays: string[];
}

/** What the form holds; an empty number means no limit of one's own. */
export interface RulesForm {
  quiet: QuietRow[];
  max_volume: number;
  max_session_minutes: number | "";
  max_day_minutes: number | "";
  author_may_approve: boolean;
}

export type RulesProblem = "time_missing" | "same_time" | "no_day";

/** What the areas above allow at most; null where nothing is inherited. */
export interface Ceiling {
  max_volume: number;
  max_session_minutes: number | null;
  max_day_minutes: number | null;
  author_may_approve: boolean;
}

function least(values: readonly (number | null)[]): number | null {
  const limits = values.filter((value) => value !== null);
  return limits.length > 0 ? Math.min(...limits) : null;
}

export function ceilingOf(inherited: readonly Policy[]): Ceiling {
  return {
    max_volume: least(inherited.map((rules) => rules.max_volume)) ?? 100,
    max_session_minutes: least(inherited.map((rules) => rules.max_session_minutes)),
    max_day_minutes: least(inherited.map((rules) => rules.max_day_minutes)),
    author_may_approve: inherited.every((rules) => rules.author_may_approve),
  };
}

export function emptyWindow(): QuietRow {
  return {
    key: crypto.randomUUID(),
    start: "21:30",
    end: "05:00",
    weekdays: WEEKDAYS.map(String),
  };
}

/** The form as it opens: the area's own rules, or none, within what is allowed above. */
export function formOf(view: PolicyView): RulesForm {
  const own = view.own;
  const ceiling = ceilingOf(view.inherited);
  return {
    quiet: (own?.quiet ?? []).map((window) => ({
      key: crypto.randomUUID(),
      start: window.start,
      end: window.end === "24:00" ? "00:00" : window.end,
      weekdays: (window.weekdays ?? WEEKDAYS).map(String),
    })),
    max_volume: own?.max_volume ?? ceiling.max_volume,
    max_session_minutes: own?.max_session_minutes ?? "",
    max_day_minutes: own?.max_day_minutes ?? "",
    author_may_approve: own?.author_may_approve ?? false,
  };
}

export function bodyOf(form: RulesForm): Policy {
  return {
    quiet: form.quiet.map((row) => ({
      start: row.start,
      // The end of a day is written 24:00, so that 00:00 to 00:00 is a whole day of quiet.
      end: row.end === "00:00" ? "24:00" : row.end,
      weekdays: row.weekdays.map(Number).toSorted((a, b) => a - b),
    })),
    max_volume: form.max_volume,
    max_session_minutes: form.max_session_minutes === "" ? null : form.max_session_minutes,
    max_day_minutes: form.max_day_minutes === "" ? null : form.max_day_minutes,
    author_may_approve: form.author_may_approve,
  };
}

/** What stands in the way of keeping a window of quiet, null when nothing does. */
export function windowProblem(row: QuietRow): RulesProblem | null {
  if (row.start === "" || row.end === "") return "time_missing";
  if (row.start === row.end && row.end !== "00:00") return "same_time";
  return row.weekdays.length === 0 ? "no_day" : null;
}

/** True when a window reaches past midnight into the next day. */
export function overnight(window: { start: string; end: string }): boolean {
  return window.end <= window.start && window.end !== "00:00";
}
