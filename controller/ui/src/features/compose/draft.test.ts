import { beforeEach, describe, expect, it } from "vitest";
import { Refusal } from "../../api/client";
import { type Content, Draft, type Pocket, type Pocketed, type Saved, type Shelf } from "./draft";

const empty: Content = {
  title: "Tiêm phòng",
  message_class: "ordinary",
  recording_id: null,
  targets: { area_ids: [], terminal_ids: [] },
  schedules: [],
};
const refusal = (status: number, code: string) => new Refusal(status, code, null, code, {});

class Far implements Shelf {
  saved: Saved | null = null;
  calls: string[] = [];
  fault: Error | null = null;
  onCall: () => void = () => undefined;

  async create(content: Content): Promise<Saved> {
    this.take("create");
    this.saved = { id: "a1", revision: 1, content };
    return this.saved;
  }

  async edit(id: string, revision: number, content: Content): Promise<Saved> {
    this.take("edit");
    if (this.saved && revision !== this.saved.revision) throw refusal(409, "changed_meanwhile");
    this.saved = { id, revision: revision + 1, content };
    return this.saved;
  }

  async read(): Promise<Saved> {
    if (!this.saved) throw refusal(404, "not_found");
    return this.saved;
  }

  private take(call: string): void {
    this.calls.push(call);
    this.onCall();
    if (this.fault) throw this.fault;
  }
}

class Kept implements Pocket {
  kept = new Map<string | null, Pocketed>();
  put = (id: string | null, one: Pocketed) => void this.kept.set(id, one);
  take = (id: string | null) => this.kept.get(id) ?? null;
  drop = (id: string | null) => void this.kept.delete(id);
}

/** Timers that end when the test says so. */
class Timers {
  private waiting: (() => void) | null = null;
  later = (action: () => void) => {
    this.waiting = action;
    return () => {
      this.waiting = null;
    };
  };
  fire(): void {
    const action = this.waiting;
    this.waiting = null;
    action?.();
  }
}

describe("a draft", () => {
  let far: Far;
  let kept: Kept;
  let timers: Timers;
  const open = (begin: Content | Saved = empty) => {
    const draft = new Draft(begin, far, kept, timers);
    draft.open();
    return draft;
  };
  const settle = async () => {
    timers.fire();
    await new Promise((resolve) => setTimeout(resolve));
  };

  beforeEach(() => {
    far = new Far();
    kept = new Kept();
    timers = new Timers();
  });

  it("is not made on the controller before anything was written", async () => {
    open();
    await settle();
    expect(far.calls).toEqual([]);
  });

  it("saves itself, first as a new one and then as the same", async () => {
    const draft = open();
    draft.change({ title: "Một" });
    await settle();
    draft.change({ title: "Hai" });
    await settle();
    expect(far.calls).toEqual(["create", "edit"]);
    expect(far.saved).toMatchObject({ id: "a1", revision: 2, content: { title: "Hai" } });
    expect(draft.snapshot().phase).toBe("saved");
    expect(kept.kept.size).toBe(0);
  });

  it("survives the page being closed while the controller is away", async () => {
    far.fault = refusal(0, "unreachable");
    const draft = open();
    draft.change({ title: "Mất mạng" });
    await settle();
    expect(draft.snapshot().phase).toBe("unsaved");
    far.fault = null;
    const again = open();
    expect(again.snapshot().content.title).toBe("Mất mạng");
    await settle();
    expect(far.saved?.content.title).toBe("Mất mạng");
  });

  it("saves what is written while it is being saved", async () => {
    const draft = open();
    far.onCall = () => {
      far.onCall = () => undefined;
      draft.change({ title: "Sau" });
    };
    draft.change({ title: "Trước" });
    await settle();
    await settle();
    expect(far.calls).toEqual(["create", "edit"]);
    expect(far.saved?.content.title).toBe("Sau");
  });

  it("makes one announcement however often it is flushed at a time", async () => {
    const draft = open();
    draft.change({ title: "Bấm đúp" });
    await Promise.all([draft.flush(), draft.flush()]);
    expect(far.calls).toEqual(["create"]);
  });

  it("asks which to keep when it was changed elsewhere, and loses neither by itself", async () => {
    far.saved = { id: "a1", revision: 1, content: empty };
    const draft = open(far.saved);
    far.saved = { id: "a1", revision: 5, content: { ...empty, title: "Của người khác" } };
    draft.change({ title: "Của tôi" });
    await settle();
    expect(draft.snapshot()).toMatchObject({ phase: "conflict", content: { title: "Của tôi" } });
    expect(draft.snapshot().theirs?.content.title).toBe("Của người khác");
    draft.resolve(true);
    await settle();
    expect(far.saved?.content.title).toBe("Của tôi");
    expect(draft.snapshot().phase).toBe("saved");
  });

  it("takes what is there when asked to", async () => {
    kept.put("a1", { revision: 1, content: { ...empty, title: "Cũ" } });
    const draft = open({ id: "a1", revision: 2, content: { ...empty, title: "Mới" } });
    expect(draft.snapshot().phase).toBe("conflict");
    draft.resolve(false);
    expect(draft.snapshot()).toMatchObject({ phase: "saved", content: { title: "Mới" } });
    expect(kept.kept.size).toBe(0);
  });

  it("does not send what is only half filled in", async () => {
    const draft = open();
    draft.change({ title: "Giờ thiếu", schedules: [{ kind: "once", start: "2026-11-25T" }] });
    await settle();
    expect(draft.snapshot().phase).toBe("incomplete");
    expect(far.calls).toEqual([]);
    await expect(draft.flush()).rejects.toBeNull();
  });

  it("stops trying what is refused, until it is changed", async () => {
    far.fault = refusal(422, "text_control_character");
    const draft = open();
    draft.change({ title: "?" });
    await settle();
    expect(draft.snapshot().phase).toBe("refused");
    far.fault = null;
    draft.change({ title: "Được" });
    await settle();
    expect(draft.snapshot().phase).toBe("saved");
  });
});
