import type { TreeNodeData } from "@mantine/core";
import type { Schemas } from "../../api/client";

export type Area = Schemas["AreaView"];
export type Level = Area["level"];

const RANKS: readonly Level[] = ["province", "commune", "hamlet"];

/** The levels that may be added below one: anything lower, and hamlets below hamlets. */
export function levelsBelow(level: Level): Level[] {
  const lower = RANKS.slice(RANKS.indexOf(level) + 1);
  return lower.length > 0 ? lower : ["hamlet"];
}

/** The official number that belongs to a level: how many digits, null where there is none. */
export function codeDigits(level: Level): number | null {
  return { province: 2, commune: 5, hamlet: null }[level];
}

/** Areas as a tree; those whose parent is not in the list are at the top. */
export function treeOf(areas: readonly Area[]): TreeNodeData[] {
  const nodes = new Map<string, TreeNodeData & { children: TreeNodeData[] }>(
    areas.map((area) => [area.id, { value: area.id, label: area.name, children: [] }]),
  );
  const top: TreeNodeData[] = [];
  for (const area of areas) {
    const node = nodes.get(area.id);
    if (node === undefined) continue;
    const parent = area.parent_id === null ? undefined : nodes.get(area.parent_id);
    (parent?.children ?? top).push(node);
  }
  return top;
}

/** The way from the top down to an area, itself included. */
export function pathTo(areas: readonly Area[], id: string): Area[] {
  const byId = new Map(areas.map((area) => [area.id, area]));
  const path: Area[] = [];
  for (let area = byId.get(id); area !== undefined; area = byId.get(area.parent_id ?? ""))
    path.unshift(area);
  return path;
}
