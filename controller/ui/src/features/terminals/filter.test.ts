import { describe, expect, it } from "vitest";
import { doing, filterOf, found, queryOf } from "./filter";
import type { Terminal } from "./queries";

const now = Date.parse("2026-11-24T05:30:00Z");

function terminal(values: Partial<Terminal> = {}): Terminal {
  return {
    id: "1",
    name: "Loa nhà văn hóa",
    area_id: "h-1",
    area_name: "Thôn Đoài",
    health: "ready",
    reported_at: null,
    sounding: null,
    volume: 80,
    clock: null,
    clock_reason: null,
    stopped_until: null,
    problems: [],
    problem_texts: [],
    renditions_held: 0,
    renditions_wanted: 0,
    agent: null,
    enrolled_at: "2026-11-01T00:00:00Z",
    retired_at: null,
    captures: false,
    temperature_c: null,
    bytes_month: 0,
    next_start: null,
    next_title: null,
    ...values,
  };
}

describe("the list of loudspeakers", () => {
  it("keeps its filter in the address", () => {
    const filter = { area: "h-1", health: "silent", search: "chợ" } as const;
    expect(filterOf(queryOf(filter))).toEqual(filter);
  });

  it("ignores a state that does not exist", () => {
    expect(filterOf(new URLSearchParams("health=green"))).toEqual({
      area: null,
      health: null,
      search: "",
    });
  });

  it("finds by name or place without tone marks", () => {
    expect(found([terminal()], "thon doai")).toHaveLength(1);
    expect(found([terminal()], "Văn hóa")).toHaveLength(1);
    expect(found([terminal()], "chợ")).toHaveLength(0);
  });

  it("tells what a loudspeaker does", () => {
    const sounding = { id: "2", title: "Bản tin", message_class: "ordinary", since: null };
    const next_start = "2026-11-24T10:00:00Z";
    expect(doing(terminal(), now)).toBe("nothing");
    expect(doing(terminal({ next_start }), now)).toBe("next");
    expect(doing(terminal({ next_start, stopped_until: "2026-11-24T05:40:00Z" }), now)).toBe(
      "stopped",
    );
    expect(doing(terminal({ next_start, stopped_until: "2026-11-24T05:20:00Z" }), now)).toBe(
      "next",
    );
    expect(doing(terminal({ sounding, next_start }), now)).toBe("sounding");
    expect(doing(terminal({ retired_at: next_start }), now)).toBe("retired");
  });
});
