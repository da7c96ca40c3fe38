import { useInfiniteQuery } from "@tanstack/react-query";
import { answer, api, type Schemas } from "../../api/client";

export type Row = Schemas["DiaryRow"];
export type Outcome = Row["outcome"];

/** Every outcome, the good one first. */
export const OUTCOMES = [
  "sounded",
  "cut",
  "missed",
  "started",
  "waiting",
] as const satisfies readonly Outcome[];

export interface Part {
  since: string;
  until: string;
  area_id: string | null;
  outcome: Outcome | null;
}

/** The part as the API takes it; what is not chosen is left out. */
export function asQuery(part: Part): Record<string, string> {
  return Object.fromEntries(
    Object.entries(part).filter((entry): entry is [string, string] => entry[1] !== null),
  );
}

/** Rows of the diary, newest first, page by page. */
export function useDiary(part: Part) {
  return useInfiniteQuery({
    queryKey: ["diary", part],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) =>
      answer(
        api.GET("/api/v1/diary", {
          params: {
            query: { ...asQuery(part), limit: 100, ...(pageParam ? { cursor: pageParam } : {}) },
          },
        }),
      ),
    getNextPageParam: (page) => page.next,
  });
}
