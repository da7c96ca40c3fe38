import { Refusal } from "../../api/client";

/** Where pieces go. All three throw Refusal. */
export interface Line {
  /** Adds a piece and tells how many bytes are there now. */
  send(offset: number, piece: Blob, signal: AbortSignal): Promise<number>;
  /** Says that all is there. */
  complete(): Promise<void>;
  /** Gives the upload up. */
  discard(): Promise<void>;
}

export interface UploadState {
  /** waiting: the line is down and is tried again by itself. */
  phase: "sending" | "waiting" | "done" | "failed" | "cancelled";
  sent: number;
  size: number;
  /** About how long it still takes; null: not known yet. */
  leftMs: number | null;
  error: unknown;
}

interface Surroundings {
  now: () => number;
  /** Ends early, without throwing, when the signal is aborted. */
  wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

const LEAST_PIECE = 64 * 1024;
const MOST_PIECE = 1024 * 1024;
const FIRST_PAUSE_MS = 1_000;
const MOST_PAUSE_MS = 30_000;

/** Bytes of one piece: progress is seen on a slow line, and few requests are made on a fast one. */
export function pieceSize(size: number): number {
  return Math.min(MOST_PIECE, Math.max(LEAST_PIECE, Math.ceil(size / 40)));
}

/** What gets better by trying again: the line is down, or the controller is busy. */
function passes(error: unknown): boolean {
  return (
    error instanceof Refusal && (error.status === 0 || error.status === 429 || error.status >= 500)
  );
}

/** Where the controller says to go on, when it holds another number of bytes than we thought. */
function offsetTold(error: unknown): number | null {
  if (!(error instanceof Refusal) || error.status !== 409) return null;
  const told = error.detail.offset;
  return typeof told === "number" ? told : null;
}

/** One sound on its way, in pieces; goes on by itself after an interruption. */
export class Upload {
  private state: UploadState;
  private readonly listeners = new Set<() => void>();
  private readonly abort = new AbortController();
  private awake = new AbortController();

  constructor(
    private readonly blob: Blob,
    private readonly line: Line,
    from: number,
    private readonly around: Surroundings,
  ) {
    this.state = { phase: "sending", sent: from, size: blob.size, leftMs: null, error: null };
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): UploadState => this.state;

  /** Sends what is missing; ends when it is done, failed or cancelled. */
  async run(): Promise<void> {
    this.set({ phase: "sending", error: null });
    let pause = FIRST_PAUSE_MS;
    for (;;) {
      try {
        await this.sendRest();
        if (!this.abort.signal.aborted) this.set({ phase: "done", leftMs: 0 });
        return;
      } catch (error) {
        if (this.abort.signal.aborted) return;
        if (!passes(error)) {
          this.set({ phase: "failed", error });
          return;
        }
        this.set({ phase: "waiting", error, leftMs: null });
        await this.around.wait(pause, this.awake.signal);
        if (this.awake.signal.aborted) this.awake = new AbortController();
        if (this.abort.signal.aborted) return;
        pause = Math.min(2 * pause, MOST_PAUSE_MS);
        this.set({ phase: "sending" });
      }
    }
  }

  /** Tries again at once instead of after the pause: the line came back. */
  wake(): void {
    this.awake.abort();
  }

  async cancel(): Promise<void> {
    this.abort.abort();
    this.awake.abort();
    this.set({ phase: "cancelled" });
    await this.line.discard();
  }

  private async sendRest(): Promise<void> {
    const began = this.around.now();
    const from = this.state.sent;
    const length = pieceSize(this.blob.size);
    while (this.state.sent < this.blob.size) {
      const offset = this.state.sent;
      const sent = await this.sendPiece(offset, length);
      if (this.abort.signal.aborted) return;
      const rate = (sent - from) / Math.max(this.around.now() - began, 1);
      this.set({ sent, leftMs: rate > 0 ? (this.blob.size - sent) / rate : null });
    }
    await this.line.complete();
  }

  private async sendPiece(offset: number, length: number): Promise<number> {
    const piece = this.blob.slice(offset, offset + length);
    try {
      return await this.line.send(offset, piece, this.abort.signal);
    } catch (error) {
      const told = offsetTold(error);
      if (told === null || told === offset) throw error;
      return told;
    }
  }

  private set(change: Partial<UploadState>): void {
    this.state = { ...this.state, ...change };
    for (const listener of this.listeners) listener();
  }
}
