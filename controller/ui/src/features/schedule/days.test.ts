import { describe, expect, it } from "vitest";
import { byDay } from "./days";

const at = (start: string) => ({ start });

describe("airings by day", () => {
  it("belong to the day of the area, not of the phone or of UTC", () => {
    const days = byDay([
      at("2026-11-23T16:59:00Z"),
      at("2026-11-23T17:00:00Z"),
      at("2026-11-24T16:59:00Z"),
      at("2026-11-24T22:30:00Z"),
    ]);
    expect(days.map(({ day, items }) => [day, items.length])).toEqual([
      ["2026-11-23", 1],
      ["2026-11-24", 2],
      ["2026-11-25", 1],
    ]);
  });

  it("leave out days without any", () => {
    expect(byDay([])).toEqual([]);
  });
});
