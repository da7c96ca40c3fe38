import i18n from "i18next";
import { useSyncExternalStore } from "react";
import { answer, api, changeHeaders, Refusal, refusalOf, type Schemas } from "../../api/client";
import { forgetSound, keepSound, keptSound, sweepSounds } from "./kept";
import { type Line, Upload, type UploadState } from "./upload";

export type Recording = Schemas["RecordingView"];

// Uploads go on while other screens are looked at, so they belong to the page, not to a screen.
const running = new Map<string, Upload>();
const listeners = new Set<() => void>();

function changed(): void {
  for (const listener of listeners) listener();
}

function lineOf(recordingId: string): Line {
  const path = { params: { path: { recording_id: recordingId } } };
  return {
    async send(offset, piece, signal) {
      let response: Response;
      try {
        response = await fetch(`/api/v1/recordings/${recordingId}/content?offset=${offset}`, {
          method: "PUT",
          body: piece,
          headers: { ...changeHeaders(), "Content-Type": "application/octet-stream" },
          signal,
        });
      } catch {
        throw new Refusal(0, "unreachable", null, i18n.t("errors.unreachable"), {});
      }
      if (!response.ok) throw await refusalOf(response);
      return ((await response.json()) as Recording).received;
    },
    async complete() {
      await answer(api.POST("/api/v1/recordings/{recording_id}/complete", path));
    },
    async discard() {
      await answer(api.DELETE("/api/v1/recordings/{recording_id}", path));
    },
  };
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function start(recordingId: string, blob: Blob, from: number): void {
  const upload = new Upload(blob, lineOf(recordingId), from, { now: () => Date.now(), wait });
  running.set(recordingId, upload);
  changed();
  void upload.run().then(() => {
    if (upload.snapshot().phase !== "failed") void forgetSound(recordingId);
  });
}

window.addEventListener("online", () => {
  for (const upload of running.values()) upload.wake();
});
void sweepSounds();

interface NewSound {
  blob: Blob;
  title: string;
  areaId: string;
  chime: boolean;
  closing: boolean;
}

/** Announces a sound to the controller and begins to send it. Throws Refusal. */
export async function sendSound(sound: NewSound): Promise<Recording> {
  const recording = await answer(
    api.POST("/api/v1/recordings", {
      body: {
        title: sound.title,
        area_id: sound.areaId,
        size: sound.blob.size,
        chime: sound.chime,
        closing: sound.closing,
      },
    }),
  );
  await keepSound(recording.id, sound.blob);
  start(recording.id, sound.blob, 0);
  return recording;
}

/** Goes on with an upload that was cut off; false: the sound itself is needed again. */
export async function goOn(recording: Recording, again?: Blob): Promise<boolean> {
  if (running.has(recording.id)) return true;
  const blob = again ?? (await keptSound(recording.id));
  if (blob === null || blob.size !== recording.size) return false;
  if (!running.has(recording.id)) start(recording.id, blob, recording.received);
  return true;
}

/** Tries an upload that failed once more. */
export function tryAgain(recordingId: string): void {
  void running.get(recordingId)?.run();
}

/** Gives an upload up. */
export async function giveUp(recordingId: string): Promise<void> {
  const upload = running.get(recordingId) ?? null;
  running.delete(recordingId);
  changed();
  await forgetSound(recordingId);
  if (upload) await upload.cancel();
  else await lineOf(recordingId).discard();
}

function subscribe(recordingId: string, listener: () => void): () => void {
  let leave = running.get(recordingId)?.subscribe(listener);
  const again = () => {
    leave?.();
    leave = running.get(recordingId)?.subscribe(listener);
    listener();
  };
  listeners.add(again);
  return () => {
    listeners.delete(again);
    leave?.();
  };
}

/** How far an upload of this page is; null: none is on its way. */
export function useUpload(recordingId: string): UploadState | null {
  return useSyncExternalStore(
    (listener) => subscribe(recordingId, listener),
    () => running.get(recordingId)?.snapshot() ?? null,
  );
}
