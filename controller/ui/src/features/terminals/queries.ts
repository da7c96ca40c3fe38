import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, type Schemas } from "../../api/client";
import type { Health } from "../../parts/StatusBadge";

export type Terminal = Schemas["TerminalView"];
export type Enrolment = Schemas["EnrolmentView"];
export type TestKind = Schemas["TestBody"]["kind"];

export interface TerminalFilter {
  area: string | null;
  health: Health | null;
}

const PAGE = 200;

// The controller tells of changes, not of each report: ages come from asking again.
const AGAIN_MS = 15_000;
const PAGES_AT_ONCE = 4;

/** Loudspeakers in order of name, page by page. */
export function useTerminals({ area, health }: TerminalFilter) {
  return useInfiniteQuery({
    queryKey: ["terminal", "list", area, health],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) =>
      answer(
        api.GET("/api/v1/terminals", {
          params: {
            query: {
              limit: PAGE,
              ...(area === null ? {} : { area_id: area }),
              ...(health === null ? {} : { health }),
              ...(pageParam === null ? {} : { cursor: pageParam }),
            },
          },
        }),
      ),
    getNextPageParam: (page) => page.next,
    // A whole province on one page is asked for less often.
    refetchInterval: ({ state }) =>
      AGAIN_MS * Math.max(1, (state.data?.pages.length ?? 0) / PAGES_AT_ONCE),
  });
}

export function useTerminal(id: string) {
  return useQuery({
    queryKey: ["terminal", "one", id],
    refetchInterval: AGAIN_MS,
    queryFn: () =>
      answer(api.GET("/api/v1/terminals/{terminal_id}", { params: { path: { terminal_id: id } } })),
  });
}

/** What a virtual loudspeaker sounded, newest first. */
export function useCaptures(id: string, enabled: boolean) {
  return useQuery({
    queryKey: ["terminal", "captures", id],
    enabled,
    queryFn: () =>
      answer(
        api.GET("/api/v1/terminals/{terminal_id}/captures", {
          params: { path: { terminal_id: id } },
        }),
      ),
  });
}

export function useChangeTerminal(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Partial<Schemas["TerminalChange"]>) =>
      answer(
        api.PATCH("/api/v1/terminals/{terminal_id}", {
          params: { path: { terminal_id: id } },
          // Fields that are left out stay as they are; the generated type wants them all.
          body: body as Schemas["TerminalChange"],
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["terminal"] }),
  });
}

export function useTestTerminal(id: string) {
  return useMutation({
    mutationFn: (body: Schemas["TestBody"]) =>
      answer(
        api.POST("/api/v1/terminals/{terminal_id}/test", {
          params: { path: { terminal_id: id } },
          body,
        }),
      ),
  });
}

export function useRetireTerminal(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () =>
      answer(
        api.POST("/api/v1/terminals/{terminal_id}/retire", {
          params: { path: { terminal_id: id } },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["terminal"] }),
  });
}

export function useEnrolments() {
  return useQuery({
    queryKey: ["enrolment"],
    queryFn: () => answer(api.GET("/api/v1/enrolments", { params: { query: { limit: PAGE } } })),
  });
}

export function useCreateEnrolment() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas["EnrolmentBody"]) =>
      answer(api.POST("/api/v1/enrolments", { body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["enrolment"] }),
  });
}

export function useVoidEnrolment() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      answer(
        api.DELETE("/api/v1/enrolments/{enrolment_id}", {
          params: { path: { enrolment_id: id } },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["enrolment"] }),
  });
}
