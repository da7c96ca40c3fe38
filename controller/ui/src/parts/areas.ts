import { useQuery } from "@tanstack/react-query";
import { answer, api, type Schemas } from "../api/client";

export type Area = Schemas["AreaView"];

/** All areas the reader sees, parents before children. */
export function useAreas() {
  return useQuery({
    queryKey: ["area", "list"],
    queryFn: async () => (await answer(api.GET("/api/v1/areas"))).items,
  });
}

export interface Placed {
  area: Area;
  depth: number;
}

/** Areas as a tree is read: each followed by what lies below it, in order of name. */
export function inOrder(areas: readonly Area[]): Placed[] {
  const known = new Set(areas.map(({ id }) => id));
  const below = new Map<string | null, Area[]>();
  for (const area of areas) {
    const parent = area.parent_id !== null && known.has(area.parent_id) ? area.parent_id : null;
    below.set(parent, [...(below.get(parent) ?? []), area]);
  }
  const walk = (parent: string | null, depth: number): Placed[] =>
    [...(below.get(parent) ?? [])]
      .sort((a, b) => a.name.localeCompare(b.name, "vi"))
      .flatMap((area) => [{ area, depth }, ...walk(area.id, depth + 1)]);
  return walk(null, 0);
}

/** Areas as choices of a list, indented by depth. */
export function indented(areas: readonly Area[]): { value: string; label: string }[] {
  return inOrder(areas).map(({ area, depth }) => ({
    value: area.id,
    label: `${"\u2003".repeat(depth)}${area.name}`,
  }));
}

/** Areas to choose from: hamlets of the same name are told apart by what they lie in. */
export function areaChoices(areas: readonly Area[]): { value: string; label: string }[] {
  const names = new Map(areas.map((area) => [area.id, area.name]));
  return inOrder(areas).map(({ area: { id, name, level, parent_id } }) => {
    const above = level === "hamlet" && parent_id !== null ? names.get(parent_id) : undefined;
    return { value: id, label: above === undefined ? name : `${name} · ${above}` };
  });
}
