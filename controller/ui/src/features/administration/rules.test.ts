import { describe, expect, it } from "vitest";
import {
  bodyOf,
  ceilingOf,
  emptyWindow,
  formOf,
  overnight,
  type Policy,
  windowProblem,
} from "./rules";

const loose: Policy = {
  quiet: [],
  max_volume: 90,
  max_session_minutes: null,
  max_day_minutes: 120,
  author_may_approve: true,
};
const strict: Policy = {
  quiet: [{ start: "21:00", end: "24:00", weekdays: [6, 7] }],
  max_volume: 70,
  max_session_minutes: 15,
  max_day_minutes: 240,
  author_may_approve: false,
};

describe("rules of an area", () => {
  it("takes the stricter value of all areas above", () => {
    expect(ceilingOf([loose, strict])).toEqual({
      max_volume: 70,
      max_session_minutes: 15,
      max_day_minutes: 120,
      author_may_approve: false,
    });
  });

  it("allows everything where nothing is inherited", () => {
    expect(ceilingOf([])).toEqual({
      max_volume: 100,
      max_session_minutes: null,
      max_day_minutes: null,
      author_may_approve: true,
    });
  });

  it("comes back from the form as it went in", () => {
    const view = { area_id: "c", own: strict, inherited: [], effective: strict };
    expect(bodyOf(formOf(view))).toEqual(strict);
  });

  it("opens at the volume allowed above when the area has no rules of its own", () => {
    const view = { area_id: "c", own: null, inherited: [strict], effective: strict };
    expect(formOf(view)).toMatchObject({ quiet: [], max_volume: 70, max_session_minutes: "" });
  });

  it("names what is wrong with a window", () => {
    const row = emptyWindow();
    expect(windowProblem(row)).toBeNull();
    expect(windowProblem({ ...row, end: "" })).toBe("time_missing");
    expect(windowProblem({ ...row, end: row.start })).toBe("same_time");
    expect(windowProblem({ ...row, start: "00:00", end: "00:00" })).toBeNull();
    expect(windowProblem({ ...row, weekdays: [] })).toBe("no_day");
  });

  it("sees a window that reaches into the next day", () => {
    expect(overnight({ start: "21:30", end: "05:00" })).toBe(true);
    expect(overnight({ start: "21:30", end: "00:00" })).toBe(false);
    expect(overnight({ start: "11:00", end: "13:00" })).toBe(false);
  });
});
