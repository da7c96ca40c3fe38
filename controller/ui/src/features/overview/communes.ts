import type { Schemas } from "../../api/client";
import { folded } from "../../parts/folded";

export type Commune = Schemas["CommuneRow"];
export const SHOWN = ["all", "attention", "on_air", "missed"] as const;
export type Shown = (typeof SHOWN)[number];

export const COUNTED = ["faulty", "silent", "unknown", "on_air", "ready"] as const;
export type CountedHealth = (typeof COUNTED)[number];

export interface Totals {
  communes: number;
  terminals: number;
  on_air: number;
  ready: number;
  silent: number;
  faulty: number;
  unknown: number;
  planned: number;
  missed: number;
}

/** All communes taken together. */
export function totalsOf(communes: readonly Commune[]): Totals {
  const totals: Totals = {
    communes: communes.length,
    terminals: 0,
    on_air: 0,
    ready: 0,
    silent: 0,
    faulty: 0,
    unknown: 0,
    planned: 0,
    missed: 0,
  };
  for (const commune of communes) {
    totals.terminals += commune.terminals;
    totals.on_air += commune.on_air;
    totals.ready += commune.ready;
    totals.silent += commune.silent;
    totals.faulty += commune.faulty;
    totals.unknown += commune.unknown;
    totals.planned += commune.planned_today;
    totals.missed += commune.missed_today;
  }
  return totals;
}

/** Loudspeakers that would not sound if something were sent now, or of which we know nothing. */
export function inTrouble(commune: Commune): number {
  return commune.silent + commune.faulty + commune.unknown;
}

export function needsAttention(commune: Commune): boolean {
  return inTrouble(commune) > 0 || commune.missed_today > 0 || commune.stopped_until !== null;
}

const filters: Record<Shown, (commune: Commune) => boolean> = {
  all: () => true,
  attention: needsAttention,
  on_air: (commune) => commune.on_air > 0,
  missed: (commune) => commune.missed_today > 0,
};

/** The communes to show: those that need eyes first, then those on air, then by name. */
export function chosen(communes: readonly Commune[], shown: Shown, search: string): Commune[] {
  const wanted = folded(search.trim());
  return communes
    .filter(filters[shown])
    .filter((commune) => folded(`${commune.name} ${commune.code}`).includes(wanted))
    .toSorted(
      (a, b) =>
        b.missed_today - a.missed_today ||
        inTrouble(b) - inTrouble(a) ||
        Number(b.on_air > 0) - Number(a.on_air > 0) ||
        a.name.localeCompare(b.name, "vi"),
    );
}

/** States of a commune's loudspeakers that are not empty, the one that needs eyes first. */
export function countsOf(commune: Commune | Totals): [CountedHealth, number][] {
  return COUNTED.map((health): [CountedHealth, number] => [health, commune[health]]).filter(
    ([, count]) => count > 0,
  );
}
