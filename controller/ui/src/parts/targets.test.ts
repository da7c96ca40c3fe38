import { describe, expect, it } from "vitest";
import type { Area } from "./areas";
import {
  coversArea,
  coversTerminal,
  placesOf,
  type Targets,
  toggleArea,
  toggleTerminal,
  touchesArea,
} from "./targets";

const area = (id: string, parent_id: string | null): Area => ({
  id,
  parent_id,
  name: id,
  level: "hamlet",
  code: "",
  timezone: "Asia/Ho_Chi_Minh",
  terminals: 0,
});
const terminal = (id: string, area_id: string) => ({ id, name: id, area_id });

const places = placesOf(
  [area("commune", "elsewhere"), area("east", "commune"), area("west", "commune")],
  [
    terminal("e1", "east"),
    terminal("e2", "east"),
    terminal("w1", "west"),
    terminal("hall", "commune"),
  ],
);
const nothing: Targets = { area_ids: [], terminal_ids: [] };
const all: Targets = { area_ids: ["commune"], terminal_ids: [] };

describe("targets", () => {
  it("begin at the highest area that the reader sees", () => {
    expect(places.top.map(({ id }) => id)).toEqual(["commune"]);
  });

  it("take in all that lies below a chosen area", () => {
    const chosen = toggleArea(places, nothing, "commune");
    expect(chosen).toEqual(all);
    expect(coversArea(places, chosen, "west")).toBe(true);
    expect(coversTerminal(places, chosen, "e2")).toBe(true);
  });

  it("name nothing twice", () => {
    const single = toggleTerminal(places, toggleArea(places, nothing, "west"), "e1");
    expect(toggleArea(places, single, "commune")).toEqual(all);
  });

  it("leave one hamlet out of a chosen commune and keep the rest", () => {
    const left = toggleArea(places, all, "east");
    expect(left).toEqual({ area_ids: ["west"], terminal_ids: ["hall"] });
    expect(coversTerminal(places, left, "e1")).toBe(false);
  });

  it("leave one loudspeaker out of a chosen commune and keep the rest", () => {
    const left = toggleTerminal(places, all, "e1");
    expect(new Set(left.terminal_ids)).toEqual(new Set(["hall", "e2"]));
    expect(left.area_ids).toEqual(["west"]);
    expect(touchesArea(places, left, "east")).toBe(true);
    expect(coversArea(places, left, "east")).toBe(false);
  });

  it("are empty again after everything was taken out", () => {
    const one = toggleTerminal(places, nothing, "w1");
    expect(toggleTerminal(places, one, "w1")).toEqual(nothing);
    expect(toggleArea(places, all, "commune")).toEqual(nothing);
  });
});
