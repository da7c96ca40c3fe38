import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

/** What a change of one kind makes stale besides lists of that kind. */
const also: Record<string, string[]> = {
  terminal: ["overview", "occurrence"],
  occurrence: ["overview", "diary", "announcement"],
  announcement: ["occurrence"],
  area: ["overview", "terminal"],
  stop: ["overview", "terminal"],
  emergency: ["overview", "diary"],
};

const PAUSE_MS = 400;

/** Reads anew what the controller says has changed; tells whether changes arrive at all. */
export function useChanges(): boolean {
  const queries = useQueryClient();
  const [live, setLive] = useState(true);

  useEffect(() => {
    const stream = new EventSource("/api/v1/events");
    const stale = new Set<string>();
    let timer: ReturnType<typeof setTimeout> | undefined;

    // A burst of changes becomes one reading.
    function read() {
      timer = undefined;
      for (const kind of stale) void queries.invalidateQueries({ queryKey: [kind] });
      stale.clear();
    }

    stream.addEventListener("change", (event) => {
      const { kind } = JSON.parse((event as MessageEvent<string>).data) as { kind: string };
      for (const one of [kind, ...(also[kind] ?? [])]) stale.add(one);
      timer ??= setTimeout(read, PAUSE_MS);
    });
    stream.addEventListener("resync", () => {
      setLive(true);
      void queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== "session" });
    });
    stream.addEventListener("error", () => {
      setLive(false);
      // The session may have ended; asking for it tells.
      void queries.invalidateQueries({ queryKey: ["session"] });
    });
    return () => {
      clearTimeout(timer);
      stream.close();
    };
  }, [queries]);

  return live;
}
