import { type AudioHTMLAttributes, type Ref, useEffect, useRef, useState } from "react";

// Two sounds at a time help nobody: starting one pauses the other.
let sounding: HTMLAudioElement | null = null;

const UNHEARD_S = 1.5;

/** Seconds of a sound that were truly played, jumps left out. */
export function heardSeconds(ranges: Pick<TimeRanges, "length" | "start" | "end">): number {
  let sum = 0;
  for (let index = 0; index < ranges.length; index += 1)
    sum += ranges.end(index) - ranges.start(index);
  return sum;
}

export interface Sound {
  /** For the one `audio` element. */
  element: AudioHTMLAttributes<HTMLAudioElement> & { ref: Ref<HTMLAudioElement> };
  playing: boolean;
  /** Seconds from the beginning. */
  at: number;
  total: number;
  failed: boolean;
  toggle: () => void;
  seek: (seconds: number) => void;
}

/** Playing one sound. `onHeard` is told when all of it was played, not only its end. */
export function useSound(src: string, durationMs: number, onHeard?: () => void): Sound {
  const ref = useRef<HTMLAudioElement>(null);
  const [playing, setPlaying] = useState(false);
  const [at, setAt] = useState(0);
  const [failed, setFailed] = useState(false);
  const total = Math.max(durationMs / 1000, 0.1);

  useEffect(() => {
    const audio = ref.current;
    setAt(0);
    setPlaying(false);
    setFailed(false);
    return () => {
      audio?.pause();
      if (sounding === audio) sounding = null;
    };
  }, [src]);

  function toggle() {
    const audio = ref.current;
    if (!audio) return;
    if (playing) {
      audio.pause();
      return;
    }
    if (sounding && sounding !== audio) sounding.pause();
    sounding = audio;
    setFailed(false);
    audio.play().catch((error: unknown) => {
      // Leaving the page in the middle of loading is no fault.
      if (!(error instanceof DOMException && error.name === "AbortError")) setFailed(true);
    });
  }

  function seek(seconds: number) {
    const audio = ref.current;
    if (!audio) return;
    audio.currentTime = Math.min(Math.max(seconds, 0), total);
    setAt(audio.currentTime);
  }

  return {
    element: {
      ref,
      src,
      preload: "none",
      onPlay: () => setPlaying(true),
      onPause: () => setPlaying(false),
      onTimeUpdate: (event) => setAt(event.currentTarget.currentTime),
      onError: () => setFailed(true),
      onEnded: (event) => {
        setPlaying(false);
        setAt(0);
        if (heardSeconds(event.currentTarget.played) >= total - UNHEARD_S) onHeard?.();
      },
    },
    playing,
    at,
    total,
    failed,
    toggle,
    seek,
  };
}
