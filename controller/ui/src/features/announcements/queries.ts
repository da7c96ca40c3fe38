import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, type Schemas } from "../../api/client";

export type Announcement = Schemas["AnnouncementView"];
export type State = Announcement["state"];

const PAGE = 20;

/** Announcements, last changed first, page by page; null: in every state. */
export function useAnnouncements(state: State | null, limit = PAGE, enabled = true) {
  return useInfiniteQuery({
    queryKey: ["announcement", "list", state, limit],
    enabled,
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) =>
      answer(
        api.GET("/api/v1/announcements", {
          params: {
            query: {
              limit,
              ...(state ? { state } : {}),
              ...(pageParam ? { cursor: pageParam } : {}),
            },
          },
        }),
      ),
    getNextPageParam: (page) => page.next,
  });
}

const at = (id: string) => ({ params: { path: { announcement_id: id } } });

export function readAnnouncement(id: string): Promise<Announcement> {
  return answer(api.GET("/api/v1/announcements/{announcement_id}", at(id)));
}

export function useAnnouncement(id: string) {
  return useQuery({
    queryKey: ["announcement", "one", id],
    queryFn: () => readAnnouncement(id),
  });
}

export function useRecording(id: string | null) {
  return useQuery({
    queryKey: ["recording", "one", id],
    enabled: id !== null,
    // Whoever waits for the checks sees them move.
    refetchInterval: ({ state }) => (state.data?.state === "checking" ? 1_500 : false),
    queryFn: () =>
      answer(
        api.GET("/api/v1/recordings/{recording_id}", {
          params: { path: { recording_id: id ?? "" } },
        }),
      ),
  });
}

/** One act on an announcement; whatever shows it is read anew. */
function useAct<T>(act: (input: T) => Promise<Announcement>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSuccess: (announcement) => {
      queries.setQueryData(["announcement", "one", announcement.id], announcement);
      void queries.invalidateQueries({ queryKey: ["announcement"] });
      void queries.invalidateQueries({ queryKey: ["occurrence"] });
    },
    // It may have been changed elsewhere: show what is there.
    onError: () => queries.invalidateQueries({ queryKey: ["announcement"] }),
  });
}

export function useSubmit() {
  return useAct(({ id, revision }: { id: string; revision: number }) =>
    answer(
      api.POST("/api/v1/announcements/{announcement_id}/submit", {
        ...at(id),
        body: { revision },
      }),
    ),
  );
}

export function useApprove() {
  return useAct(({ id, revision, hash }: { id: string; revision: number; hash: string }) =>
    answer(
      api.POST("/api/v1/announcements/{announcement_id}/approve", {
        ...at(id),
        body: { revision, hash },
      }),
    ),
  );
}

export function useReturn() {
  return useAct(({ id, revision, reason }: { id: string; revision: number; reason: string }) =>
    answer(
      api.POST("/api/v1/announcements/{announcement_id}/return", {
        ...at(id),
        body: { revision, reason },
      }),
    ),
  );
}

export function useWithdraw() {
  return useAct(({ id, reason }: { id: string; reason: string }) =>
    answer(
      api.POST("/api/v1/announcements/{announcement_id}/withdraw", { ...at(id), body: { reason } }),
    ),
  );
}

export function useDelete() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      answer(api.DELETE("/api/v1/announcements/{announcement_id}", at(id))),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["announcement", "list"] }),
  });
}
