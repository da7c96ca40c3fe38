import type { Area } from "./areas";

export interface Targets {
  area_ids: string[];
  terminal_ids: string[];
}

export interface PlacedTerminal {
  id: string;
  name: string;
  area_id: string;
}

/** Areas and loudspeakers by where they are. */
export interface Places {
  top: Area[];
  area: Map<string, Area>;
  below: Map<string, Area[]>;
  terminals: Map<string, PlacedTerminal[]>;
  home: Map<string, string>;
}

const byName = <T extends { name: string }>(a: T, b: T) =>
  a.name.localeCompare(b.name, "vi", { numeric: true });

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}

export function placesOf(areas: readonly Area[], terminals: readonly PlacedTerminal[]): Places {
  const area = new Map(areas.map((one) => [one.id, one]));
  const isTop = ({ parent_id }: Area) => parent_id === null || !area.has(parent_id);
  const below = grouped([...areas].sort(byName), ({ parent_id }) => parent_id ?? "");
  return {
    top: areas.filter(isTop).sort(byName),
    area,
    below,
    terminals: grouped([...terminals].sort(byName), ({ area_id }) => area_id),
    home: new Map(terminals.map(({ id, area_id }) => [id, area_id])),
  };
}

/** An area and all above it, from below. */
function chain(places: Places, areaId: string): string[] {
  const found: string[] = [];
  for (let at: string | null = areaId; at !== null; at = places.area.get(at)?.parent_id ?? null)
    found.push(at);
  return found;
}

/** Whether the whole area was chosen, by itself or by an area above it. */
export function coversArea(places: Places, targets: Targets, areaId: string): boolean {
  return chain(places, areaId).some((one) => targets.area_ids.includes(one));
}

export function coversTerminal(places: Places, targets: Targets, id: string): boolean {
  const home = places.home.get(id);
  return (
    targets.terminal_ids.includes(id) || (home !== undefined && coversArea(places, targets, home))
  );
}

/** Whether anything inside an area that is not wholly chosen was chosen. */
export function touchesArea(places: Places, targets: Targets, areaId: string): boolean {
  const inside = (one: string | undefined) =>
    one !== undefined && chain(places, one).includes(areaId);
  return (
    targets.area_ids.some(inside) || targets.terminal_ids.some((id) => inside(places.home.get(id)))
  );
}

/** What is chosen outside of an area. */
function without(places: Places, targets: Targets, areaId: string): Targets {
  const inside = (one: string) => chain(places, one).includes(areaId);
  return {
    area_ids: targets.area_ids.filter((one) => !inside(one)),
    terminal_ids: targets.terminal_ids.filter((id) => !inside(places.home.get(id) ?? "")),
  };
}

/**
 * Splits chosen areas above `areaId` into what lies inside them, so that no chosen area is
 * above it any more; the area itself is left out.
 */
function split(places: Places, targets: Targets, areaId: string): Targets {
  const path = chain(places, areaId);
  const chosen = path.findIndex((one) => targets.area_ids.includes(one));
  if (chosen <= 0) return targets;
  const areas = targets.area_ids.filter((one) => one !== path[chosen]);
  const terminals = [...targets.terminal_ids];
  for (const parent of path.slice(1, chosen + 1)) {
    const siblings = places.below.get(parent) ?? [];
    areas.push(...siblings.map(({ id }) => id).filter((id) => !path.includes(id)));
    terminals.push(...(places.terminals.get(parent) ?? []).map(({ id }) => id));
  }
  return { area_ids: areas, terminal_ids: terminals };
}

/** Chooses a whole area, or takes it out again, also out of a larger one that was chosen. */
export function toggleArea(places: Places, targets: Targets, areaId: string): Targets {
  if (coversArea(places, targets, areaId))
    return without(places, split(places, targets, areaId), areaId);
  const rest = without(places, targets, areaId);
  return { ...rest, area_ids: [...rest.area_ids, areaId] };
}

/** Chooses one loudspeaker, or takes it out again, also out of an area that was chosen. */
export function toggleTerminal(places: Places, targets: Targets, id: string): Targets {
  if (targets.terminal_ids.includes(id))
    return { ...targets, terminal_ids: targets.terminal_ids.filter((one) => one !== id) };
  const home = places.home.get(id);
  if (home === undefined || !coversArea(places, targets, home))
    return { ...targets, terminal_ids: [...targets.terminal_ids, id] };
  const rest = without(places, split(places, targets, home), home);
  const neighbours = (places.terminals.get(home) ?? []).map((one) => one.id);
  return {
    area_ids: [...rest.area_ids, ...(places.below.get(home) ?? []).map((one) => one.id)],
    terminal_ids: [...rest.terminal_ids, ...neighbours.filter((one) => one !== id)],
  };
}
