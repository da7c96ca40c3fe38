import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, type Schemas } from "../../api/client";

export type Emergency = Schemas["EmergencyView"];

/** Whether loudspeakers may still sound it; `now` in milliseconds. */
export function isOpen({ cancelled_at, expires_at }: Emergency, now: number): boolean {
  return cancelled_at === null && Date.parse(expires_at) > now;
}

/** Released emergencies, newest first. */
export function useEmergencies() {
  return useQuery({
    queryKey: ["emergency"],
    refetchInterval: 10_000,
    queryFn: async () => (await answer(api.GET("/api/v1/emergencies"))).items,
  });
}

export function useRelease() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, ...body }: { id: string } & Schemas["ReleaseBody"]) =>
      answer(
        api.POST("/api/v1/announcements/{announcement_id}/release", {
          params: { path: { announcement_id: id } },
          body,
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["emergency"] }),
  });
}

export function useCancel() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      answer(
        api.POST("/api/v1/emergencies/{emergency_id}/cancel", {
          params: { path: { emergency_id: id } },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["emergency"] }),
  });
}
