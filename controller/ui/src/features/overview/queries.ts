import { useQuery } from "@tanstack/react-query";
import { answer, api } from "../../api/client";

/** All communes at a glance. Live changes ask for it anew; the interval is for when they fail. */
export function useOverview() {
  return useQuery({
    queryKey: ["overview"],
    queryFn: () => answer(api.GET("/api/v1/overview")),
    refetchInterval: 15_000,
  });
}
