import type { Row } from "./queries";

export interface Airing {
  id: string;
  /** What all rows have in common is read from the first. */
  head: Row;
  rows: Row[];
}

/** Rows of the diary by airing, in the order of the diary; each loudspeaker is one row. */
export function byAiring(rows: readonly Row[]): Airing[] {
  const found = new Map<string, Airing>();
  for (const row of rows) {
    const airing = found.get(row.occurrence_id);
    if (airing) airing.rows.push(row);
    else found.set(row.occurrence_id, { id: row.occurrence_id, head: row, rows: [row] });
  }
  return [...found.values()];
}

/** On how many loudspeakers all of it sounded. */
export function soundedFully(airing: Airing): number {
  return airing.rows.filter(({ outcome }) => outcome === "sounded").length;
}
