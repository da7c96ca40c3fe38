import { useSyncExternalStore } from "react";
import { api } from "../api/client";

// One clock for all ages on a page: a single timer, whatever the number of figures. It follows
// the controller's clock, since a phone that is minutes off would make every age a lie.
let offset = 0;
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function tick(): void {
  now = Date.now() + offset;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === undefined) {
    now = Date.now() + offset;
    timer = setInterval(tick, 1000);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** Takes over the controller's time of day, told with every answer in whole seconds. */
export function followClock(date: string | null): void {
  const told = date === null ? Number.NaN : Date.parse(date);
  if (Number.isNaN(told)) return;
  const found = told - Date.now();
  // The header has no fractions and the answer took a while: small differences mean nothing.
  offset = Math.abs(found) < 2000 ? 0 : found;
}

api.use({ onResponse: ({ response }) => followClock(response.headers.get("Date")) });

/** The controller's time of day in milliseconds; renders anew every second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}

/** The controller's time of day in milliseconds, once. */
export function serverNow(): number {
  return Date.now() + offset;
}
