import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, type Schemas } from "../../api/client";

export type Occurrence = Schemas["OccurrenceView"];

/** Airings that start in a span (ISO 8601 instants), in order of time. */
export function useOccurrences(since: string, until: string, limit = 500) {
  return useQuery({
    queryKey: ["occurrence", since, until, limit],
    queryFn: async () =>
      (await answer(api.GET("/api/v1/occurrences", { params: { query: { since, until, limit } } })))
        .items,
  });
}

export function useSkip() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      answer(
        api.POST("/api/v1/occurrences/{occurrence_id}/skip", {
          params: { path: { occurrence_id: id } },
        }),
      ),
    onSettled: () => queries.invalidateQueries({ queryKey: ["occurrence"] }),
  });
}
