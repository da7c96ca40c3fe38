import { useEffect, useSyncExternalStore } from "react";
import { answer, api, type Schemas } from "../../api/client";
import {
  type Content,
  Draft,
  type DraftState,
  type Pocket,
  type Pocketed,
  type Saved,
  type Shelf,
} from "./draft";

/** What is filled in of an announcement as the controller tells it. */
export function savedOf(view: Schemas["AnnouncementView"]): Saved {
  const { id, revision, title, message_class, recording_id, targets, schedules } = view;
  return { id, revision, content: { title, message_class, recording_id, targets, schedules } };
}

function shelfOf(areaId: string): Shelf {
  return {
    async create(content) {
      return savedOf(
        await answer(api.POST("/api/v1/announcements", { body: { ...content, area_id: areaId } })),
      );
    },
    async edit(id, revision, content) {
      return savedOf(
        await answer(
          api.PUT("/api/v1/announcements/{announcement_id}", {
            params: { path: { announcement_id: id } },
            body: { ...content, area_id: areaId, revision },
          }),
        ),
      );
    },
    async read(id) {
      return savedOf(
        await answer(
          api.GET("/api/v1/announcements/{announcement_id}", {
            params: { path: { announcement_id: id } },
          }),
        ),
      );
    },
  };
}

function pocketOf(accountId: string): Pocket {
  const key = (id: string | null) => `loaxa.draft.${accountId}.${id ?? "new"}`;
  return {
    put(id, kept) {
      try {
        localStorage.setItem(key(id), JSON.stringify(kept));
      } catch {
        // A full or forbidden store keeps nothing; the controller still does.
      }
    },
    take(id) {
      const kept = localStorage.getItem(key(id));
      return kept === null ? null : (JSON.parse(kept) as Pocketed);
    },
    drop: (id) => localStorage.removeItem(key(id)),
  };
}

function later(action: () => void, ms: number): () => void {
  const timer = setTimeout(action, ms);
  return () => clearTimeout(timer);
}

/** Begins a draft, or goes on with one that `areaId` owns. */
export function openDraft(begin: Content | Saved, areaId: string, accountId: string): Draft {
  return new Draft(begin, shelfOf(areaId), pocketOf(accountId), { later });
}

/** The draft as it stands; it saves itself as long as a screen shows it. */
export function useDraft(draft: Draft): DraftState {
  useEffect(() => {
    draft.open();
    return () => draft.close();
  }, [draft]);
  return useSyncExternalStore(draft.subscribe, draft.snapshot);
}
