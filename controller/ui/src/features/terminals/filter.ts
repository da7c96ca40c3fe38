import { folded } from "../../parts/folded";
import { HEALTHS, type Health } from "../../parts/StatusBadge";
import type { Terminal } from "./queries";

export interface ShownFilter {
  area: string | null;
  health: Health | null;
  search: string;
}

function isHealth(text: string | null): text is Health {
  return HEALTHS.some((health) => health === text);
}

/** The filter that an address asks for; what it does not know is left out. */
export function filterOf(query: URLSearchParams): ShownFilter {
  const health = query.get("health");
  return {
    area: query.get("area"),
    health: isHealth(health) ? health : null,
    search: query.get("search") ?? "",
  };
}

export function queryOf({ area, health, search }: ShownFilter): URLSearchParams {
  const query = new URLSearchParams();
  if (area !== null) query.set("area", area);
  if (health !== null) query.set("health", health);
  if (search !== "") query.set("search", search);
  return query;
}

/** Loudspeakers whose name or area holds the words, typed with or without tone marks. */
export function found(terminals: readonly Terminal[], search: string): Terminal[] {
  const wanted = folded(search.trim());
  return terminals.filter((terminal) =>
    folded(`${terminal.name} ${terminal.area_name}`).includes(wanted),
  );
}

/** What a loudspeaker does now or does next. */
export type Doing = "sounding" | "stopped" | "next" | "nothing" | "retired";

export function doing(terminal: Terminal, now: number): Doing {
  if (terminal.retired_at !== null) return "retired";
  if (terminal.sounding !== null) return "sounding";
  if (terminal.stopped_until !== null && Date.parse(terminal.stopped_until) > now) return "stopped";
  return terminal.next_start === null ? "nothing" : "next";
}
