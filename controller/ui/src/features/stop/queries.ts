import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, type Schemas } from "../../api/client";

export type Stop = Schemas["StopView"];

/** Stops that hold now. */
export function useStops() {
  return useQuery({
    queryKey: ["stop"],
    refetchInterval: 30_000,
    queryFn: async () => (await answer(api.GET("/api/v1/stops"))).items,
  });
}

export function useStop() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: { area_id: string; hold_minutes: number }) =>
      answer(api.POST("/api/v1/stops", { body: { ...body, terminal_id: null } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["stop"] }),
  });
}

export function useLift() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      answer(api.POST("/api/v1/stops/{stop_id}/lift", { params: { path: { stop_id: id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["stop"] }),
  });
}
