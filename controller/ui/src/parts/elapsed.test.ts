import { describe, expect, it } from "vitest";
import { ageParts } from "./elapsed";

const now = Date.parse("2026-11-24T05:30:00Z");
const ago = (ms: number) => ageParts(now - ms, now);

describe("age of a figure", () => {
  it("counts in the largest whole unit", () => {
    expect(ago(3_400)).toEqual({ unit: "seconds", count: 3 });
    expect(ago(59_999)).toEqual({ unit: "seconds", count: 59 });
    expect(ago(60_000)).toEqual({ unit: "minutes", count: 1 });
    expect(ago(3_599_999)).toEqual({ unit: "minutes", count: 59 });
    expect(ago(3_600_000)).toEqual({ unit: "hours", count: 1 });
    expect(ago(5 * 86_400_000 + 1)).toEqual({ unit: "days", count: 5 });
  });

  it("never shows a report from the future as negative", () => {
    expect(ago(-10_000)).toEqual({ unit: "seconds", count: 0 });
  });
});
