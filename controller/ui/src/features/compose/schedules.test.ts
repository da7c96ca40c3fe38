import dayjs from "dayjs";
import { describe, expect, it } from "vitest";
import { asKind, firstSchedule, isoWeekday, nextSession } from "./schedules";

describe("times to begin with", () => {
  it.each([
    ["2026-11-24T04:00", "2026-11-24", "05:30"],
    ["2026-11-24T05:10", "2026-11-24", "05:30"],
    ["2026-11-24T05:11", "2026-11-24", "17:00"],
    ["2026-11-24T16:41", "2026-11-25", "05:30"],
    ["2026-12-31T23:50", "2027-01-01", "05:30"],
  ])("at %s are those of the next session that leaves time to approve", (now, date, time) => {
    expect(nextSession(dayjs(now))).toEqual({ date, time });
    expect(firstSchedule(dayjs(now))).toEqual({ kind: "once", start: `${date}T${time}` });
  });
});

describe("changing how often", () => {
  const once = { kind: "once", start: "2026-11-24T05:30" } as const;

  it("keeps date and time", () => {
    expect(asKind(once, "weekly")).toEqual({
      kind: "weekly",
      weekdays: [2],
      times: ["05:30"],
      from_date: "2026-11-24",
      until_date: null,
      interval: 1,
    });
    expect(asKind(asKind(once, "daily"), "once")).toEqual(once);
  });

  it("keeps all times and the last day between daily and weekly", () => {
    const daily = {
      kind: "daily",
      times: ["05:30", "17:00"],
      from_date: "2026-11-24",
      until_date: "2026-12-24",
      interval: 1,
    } as const;
    expect(asKind({ ...daily, times: [...daily.times] }, "weekly")).toMatchObject({
      times: ["05:30", "17:00"],
      until_date: "2026-12-24",
    });
  });

  it("counts Sunday as the seventh day", () => {
    expect(isoWeekday("2026-11-29")).toBe(7);
  });
});
