import { describe, expect, it } from "vitest";
import { folded } from "../../parts/folded";
import { type Commune, chosen, needsAttention, totalsOf } from "./communes";

function commune(name: string, values: Partial<Commune> = {}): Commune {
  return {
    area_id: `c-${name}`,
    name,
    code: "30280",
    terminals: 4,
    on_air: 0,
    ready: 4,
    silent: 0,
    faulty: 0,
    unknown: 0,
    sounding: [],
    planned_today: 2,
    missed_today: 0,
    last_report_at: null,
    stopped_until: null,
    ...values,
  };
}

const quiet = commune("An Phú");
const missed = commune("Đông Hòa", { missed_today: 1 });
const silent = commune("Bình Mỹ", { ready: 1, silent: 3 });
const airing = commune("Châu Phong", { ready: 2, on_air: 2 });
const all = [quiet, missed, silent, airing];

describe("communes at a glance", () => {
  it("adds up every state", () => {
    expect(totalsOf(all)).toMatchObject({ communes: 4, terminals: 16, ready: 11, missed: 1 });
  });

  it("puts what was missed first, then what is in trouble, then what is on air, then by name", () => {
    const names = chosen(all, "all", "").map((row) => row.name);
    expect(names).toEqual(["Đông Hòa", "Bình Mỹ", "Châu Phong", "An Phú"]);
  });

  it("counts an unknown loudspeaker and a held-back commune as needing attention", () => {
    expect(needsAttention(quiet)).toBe(false);
    expect(needsAttention(commune("X", { ready: 3, unknown: 1 }))).toBe(true);
    expect(needsAttention(commune("Y", { stopped_until: "2026-11-24T06:00:00Z" }))).toBe(true);
  });

  it("filters by what is asked for", () => {
    expect(chosen(all, "attention", "")).toEqual([missed, silent]);
    expect(chosen(all, "on_air", "")).toEqual([airing]);
    expect(chosen(all, "missed", "")).toEqual([missed]);
  });

  it("finds a name typed without accents, or an official code", () => {
    expect(folded("Đông HÒA")).toBe("dong hoa");
    expect(chosen(all, "all", " dong hoa ")).toEqual([missed]);
    expect(chosen(all, "all", "30280")).toHaveLength(4);
  });
});
