import { describe, expect, it } from "vitest";
import { byAiring, soundedFully } from "./airings";
import type { Row } from "./queries";

const row = (occurrence_id: string, terminal_id: string, outcome: Row["outcome"]) =>
  ({ occurrence_id, terminal_id, outcome }) as Row;

describe("the diary by airing", () => {
  it("keeps the diary's order and puts every loudspeaker below its airing", () => {
    const airings = byAiring([
      row("b", "1", "sounded"),
      row("b", "2", "missed"),
      row("a", "1", "sounded"),
      row("b", "3", "cut"),
    ]);
    expect(airings.map(({ id, rows }) => [id, rows.length])).toEqual([
      ["b", 3],
      ["a", 1],
    ]);
    expect(airings.map(soundedFully)).toEqual([1, 1]);
  });
});
