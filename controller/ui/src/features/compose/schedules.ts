import dayjs from "dayjs";
import type { Schedule } from "./draft";

export type Kind = Schedule["kind"];

/** Usual sessions: what is offered first. */
const MORNING = "05:30";
const EVENING = "17:00";
/** Nobody can be asked to approve sooner. */
const NOTICE_MIN = 20;
const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];

/** The next usual session after a local time: date and time of day. */
export function nextSession(local: dayjs.Dayjs): { date: string; time: string } {
  const soonest = local.add(NOTICE_MIN, "minute");
  const today = local.format("YYYY-MM-DD");
  for (const time of [MORNING, EVENING])
    if (soonest.format("YYYY-MM-DD HH:mm") <= `${today} ${time}`) return { date: today, time };
  return { date: local.add(1, "day").format("YYYY-MM-DD"), time: MORNING };
}

/** A new schedule of one airing at the next usual session. */
export function firstSchedule(local: dayjs.Dayjs): Schedule {
  const { date, time } = nextSession(local);
  return { kind: "once", start: `${date}T${time}` };
}

export function dateOfOnce(start: string): string {
  return start.split("T")[0] ?? "";
}

export function timeOfOnce(start: string): string {
  return (start.split("T")[1] ?? "").slice(0, 5);
}

/** The same times by another rule; what the other rule lacks is filled in sensibly. */
export function asKind(schedule: Schedule, kind: Kind): Schedule {
  if (schedule.kind === kind) return schedule;
  const date = schedule.kind === "once" ? dateOfOnce(schedule.start) : schedule.from_date;
  const times = schedule.kind === "once" ? [timeOfOnce(schedule.start)] : schedule.times;
  if (kind === "once") return { kind, start: `${date}T${times[0] ?? ""}` };
  const until_date = schedule.kind === "once" ? null : schedule.until_date;
  const repeated = { times, from_date: date, until_date, interval: 1 };
  if (kind === "daily") return { kind, ...repeated };
  return { kind, weekdays: date ? [isoWeekday(date)] : EVERY_DAY, ...repeated };
}

/** Monday is 1, Sunday 7. */
export function isoWeekday(date: string): number {
  return dayjs(date).day() || 7;
}
