import { useEffect, useRef, useState } from "react";
import type { KeptTake } from "./kept";

/** What browsers can record, the smallest that the controller reads first. */
const TYPES = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4"];
const BITS_PER_S = 96_000;
/** Below this, the microphone hears nothing. */
const SILENCE = 0.01;

export type Trouble = "insecure" | "refused" | "no_microphone" | "failed";

export type Taken = KeptTake;

export interface Recorder {
  phase: "idle" | "asking" | "recording";
  elapsedMs: number;
  /** Nothing but silence has been heard so far. */
  silent: boolean;
  trouble: Trouble | null;
  start: () => void;
  stop: () => void;
  cancel: () => void;
}

function troubleOf(error: unknown): Trouble {
  if (!(error instanceof DOMException)) return "failed";
  if (error.name === "NotAllowedError" || error.name === "SecurityError") return "refused";
  if (error.name === "NotFoundError" || error.name === "NotReadableError") return "no_microphone";
  return "failed";
}

/** Loudness of what the microphone hears, 0 to 1. */
function meter(stream: MediaStream): { read: () => number; close: () => void } {
  const context = new AudioContext();
  void context.resume();
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  return {
    read: () => {
      analyser.getFloatTimeDomainData(samples);
      const square = samples.reduce((sum, sample) => sum + sample * sample, 0);
      return Math.min(1, Math.sqrt(square / samples.length) * 4);
    },
    close: () => void context.close(),
  };
}

/** Records with the microphone. `onLevel` is told the loudness at every frame. */
export function useRecorder(
  onTaken: (taken: Taken) => void,
  onLevel: (level: number) => void,
): Recorder {
  const [phase, setPhase] = useState<Recorder["phase"]>("idle");
  const [elapsedMs, setElapsed] = useState(0);
  const [silent, setSilent] = useState(true);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const running = useRef<{ finish: (keep: boolean) => void } | null>(null);
  const gone = useRef(false);

  useEffect(() => {
    gone.current = false;
    return () => {
      gone.current = true;
      // Leaving the screen ends the recording, it does not lose it.
      running.current?.finish(true);
    };
  }, []);

  async function start() {
    setTrouble(null);
    if (!navigator.mediaDevices || !window.MediaRecorder) {
      setTrouble("insecure");
      return;
    }
    setPhase("asking");
    try {
      const stream = await navigator.mediaDevices.getUserMedia({
        audio: { channelCount: 1, noiseSuppression: true, autoGainControl: true },
      });
      if (gone.current) for (const track of stream.getTracks()) track.stop();
      else record(stream);
    } catch (error) {
      setTrouble(troubleOf(error));
      setPhase("idle");
    }
  }

  function record(stream: MediaStream) {
    const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type)) ?? "";
    const recorder = new MediaRecorder(stream, { mimeType, audioBitsPerSecond: BITS_PER_S });
    const level = meter(stream);
    const began = performance.now();
    const parts: Blob[] = [];
    let kept = false;
    let frame = requestAnimationFrame(function look() {
      const heard = level.read();
      if (heard > SILENCE) setSilent(false);
      onLevel(heard);
      setElapsed(Math.floor((performance.now() - began) / 250) * 250);
      frame = requestAnimationFrame(look);
    });

    recorder.ondataavailable = ({ data }) => {
      if (data.size > 0) parts.push(data);
    };
    recorder.onerror = () => setTrouble("failed");
    recorder.onstop = () => {
      cancelAnimationFrame(frame);
      level.close();
      for (const track of stream.getTracks()) track.stop();
      running.current = null;
      setPhase("idle");
      const blob = new Blob(parts, { type: recorder.mimeType });
      if (kept && blob.size > 0) onTaken({ blob, durationMs: performance.now() - began });
    };
    running.current = {
      finish: (keep) => {
        kept = keep;
        if (recorder.state !== "inactive") recorder.stop();
      },
    };
    // A call or a pulled plug ends the track: what was said until then is kept.
    stream.getAudioTracks()[0]?.addEventListener("ended", () => running.current?.finish(true));
    setElapsed(0);
    setSilent(true);
    setPhase("recording");
    recorder.start(1000);
  }

  return {
    phase,
    elapsedMs,
    silent,
    trouble,
    start: () => void start(),
    stop: () => running.current?.finish(true),
    cancel: () => running.current?.finish(false),
  };
}
