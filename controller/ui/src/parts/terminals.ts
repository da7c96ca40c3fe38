import { useQuery } from "@tanstack/react-query";
import { answer, api, type Schemas } from "../api/client";
import type { Area } from "./areas";

const PAGE = 200;
const MOST = 600;

/**
 * Loudspeakers to choose single ones from. Where there are more than anybody picks by hand,
 * none are read: whole areas are chosen then.
 */
export function usePlacedTerminals(areas: readonly Area[] | undefined) {
  const all = Math.max(0, ...(areas ?? []).map(({ terminals }) => terminals));
  return useQuery({
    queryKey: ["terminal", "placed"],
    enabled: areas !== undefined && all <= MOST,
    queryFn: async () => {
      const found: Schemas["TerminalView"][] = [];
      for (let cursor: string | null = null; ; ) {
        const page: Schemas["TerminalPage"] = await answer(
          api.GET("/api/v1/terminals", {
            params: { query: { limit: PAGE, ...(cursor ? { cursor } : {}) } },
          }),
        );
        found.push(...page.items);
        if (page.next === null) return found.filter(({ health }) => health !== "retired");
        cursor = page.next;
      }
    },
  });
}
