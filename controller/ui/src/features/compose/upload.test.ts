import { describe, expect, it } from "vitest";
import { Refusal } from "../../api/client";
import { type Line, pieceSize, Upload } from "./upload";

const SIZE = 1_000_000;
const refusal = (status: number, code: string, detail = {}) =>
  new Refusal(status, code, null, code, detail);

/** A controller that holds a number of bytes; faults are thrown in the order given. */
class Far implements Line {
  received = 0;
  completed = 0;
  discarded = 0;
  offsets: number[] = [];
  faults: (Error | null)[] = [];
  onSend: () => void = () => undefined;

  async send(offset: number, piece: Blob, signal: AbortSignal): Promise<number> {
    this.offsets.push(offset);
    this.onSend();
    if (signal.aborted) throw refusal(0, "unreachable");
    const fault = this.faults.shift();
    if (fault) throw fault;
    if (offset !== this.received)
      throw refusal(409, "recording_wrong_offset", { offset: this.received });
    this.received += piece.size;
    return this.received;
  }

  async complete(): Promise<void> {
    this.completed += 1;
  }

  async discard(): Promise<void> {
    this.discarded += 1;
  }
}

function upload(far: Far, from = 0, pauses: number[] = []) {
  let now = 0;
  return new Upload(new Blob([new Uint8Array(SIZE)]), far, from, {
    now: () => {
      now += 1000;
      return now;
    },
    wait: async (ms) => {
      pauses.push(ms);
    },
  });
}

describe("an upload", () => {
  it("sends every byte once, in order, and says when all is there", async () => {
    const far = new Far();
    const sending = upload(far);
    await sending.run();
    expect(far.received).toBe(SIZE);
    expect(far.offsets).toEqual([...far.offsets].sort((a, b) => a - b));
    expect(far.completed).toBe(1);
    expect(sending.snapshot()).toMatchObject({ phase: "done", sent: SIZE });
  });

  it("goes on where the controller stands after the page was closed", async () => {
    const far = new Far();
    far.received = 700_000;
    await upload(far, 700_000).run();
    expect(far.offsets[0]).toBe(700_000);
    expect(far.received).toBe(SIZE);
  });

  it("goes on where the controller stands when an answer was lost", async () => {
    const far = new Far();
    far.received = 300_000;
    await upload(far, 0).run();
    expect(far.offsets.slice(0, 2)).toEqual([0, 300_000]);
    expect(far.received).toBe(SIZE);
  });

  it("waits longer and longer while the line is down, and then goes on", async () => {
    const far = new Far();
    far.faults = [null, ...Array.from({ length: 7 }, () => refusal(0, "unreachable"))];
    const pauses: number[] = [];
    await upload(far, 0, pauses).run();
    expect(pauses).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
    expect(far.received).toBe(SIZE);
    expect(far.offsets.filter((offset) => offset === 0)).toHaveLength(1);
  });

  it("does not try again what was refused, and says why", async () => {
    const far = new Far();
    far.faults = [refusal(422, "recording_too_large")];
    const sending = upload(far);
    await sending.run();
    expect(sending.snapshot()).toMatchObject({ phase: "failed", sent: 0 });
    expect(far.offsets).toHaveLength(1);
    await sending.run();
    expect(sending.snapshot().phase).toBe("done");
  });

  it("stops when it is cancelled and takes back what was sent", async () => {
    const far = new Far();
    const sending = upload(far);
    far.onSend = () => {
      if (far.offsets.length === 3) void sending.cancel();
    };
    await sending.run();
    expect(sending.snapshot().phase).toBe("cancelled");
    expect(far.offsets).toHaveLength(3);
    expect([far.completed, far.discarded]).toEqual([0, 1]);
  });

  it("uses pieces that show progress and stay below what the controller takes", () => {
    expect(pieceSize(10)).toBe(64 * 1024);
    expect(pieceSize(4_000_000)).toBe(100_000);
    expect(pieceSize(100 * 1024 * 1024)).toBe(1024 * 1024);
  });
});
