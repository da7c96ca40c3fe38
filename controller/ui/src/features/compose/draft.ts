import { Refusal, type Schemas } from "../../api/client";
import type { Targets } from "../../parts/targets";

export type Schedule = Schemas["AnnouncementBody"]["schedules"][number];

/** All that a person fills in. */
export interface Content {
  title: string;
  message_class: Schemas["AnnouncementBody"]["message_class"];
  recording_id: string | null;
  targets: Targets;
  schedules: Schedule[];
}

/** A draft as the controller holds it. */
export interface Saved {
  id: string;
  revision: number;
  content: Content;
}

/** Where drafts are kept. All throw Refusal. */
export interface Shelf {
  create(content: Content): Promise<Saved>;
  edit(id: string, revision: number, content: Content): Promise<Saved>;
  read(id: string): Promise<Saved>;
}

/** What this browser keeps by itself until the controller has it. */
export interface Pocket {
  put(id: string | null, kept: Pocketed): void;
  take(id: string | null): Pocketed | null;
  drop(id: string | null): void;
}

export interface Pocketed {
  revision: number;
  content: Content;
}

export interface DraftState {
  content: Content;
  id: string | null;
  revision: number;
  /**
   * changed: not sent yet. incomplete: the controller cannot take it as it stands.
   * unsaved: the controller does not answer; kept here and tried again.
   * conflict: it was changed elsewhere meanwhile; `theirs` is what is there.
   */
  phase: "saved" | "changed" | "incomplete" | "saving" | "unsaved" | "refused" | "conflict";
  error: unknown;
  theirs: Saved | null;
}

interface Surroundings {
  later: (action: () => void, ms: number) => () => void;
}

const REST_MS = 1_200;
const AGAIN_MS = 10_000;

/** Whether the controller can take the content as a draft: most may still be missing. */
export function isComplete({ title, schedules }: Content): boolean {
  return (
    title.trim() !== "" &&
    schedules.every((one) =>
      one.kind === "once"
        ? /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(one.start)
        : one.from_date !== "" &&
          one.times.length > 0 &&
          one.times.every((time) => time !== "") &&
          (one.kind === "daily" || one.weekdays.length > 0),
    )
  );
}

/** An announcement being written: saves itself, here at once and on the controller soon after. */
export class Draft {
  private state: DraftState;
  private readonly listeners = new Set<() => void>();
  private cancelTimer: () => void = () => undefined;
  private saving: Promise<void> | null = null;
  private closed = false;

  constructor(
    begin: Content | Saved,
    private readonly shelf: Shelf,
    private readonly pocket: Pocket,
    private readonly around: Surroundings,
  ) {
    const saved = "revision" in begin ? begin : null;
    this.state = {
      content: saved ? saved.content : (begin as Content),
      id: saved?.id ?? null,
      revision: saved?.revision ?? 0,
      phase: "saved",
      error: null,
      theirs: null,
    };
    this.restore();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): DraftState => this.state;

  change(change: Partial<Content>): void {
    const content = { ...this.state.content, ...change };
    const { phase } = this.state;
    const conflict = phase === "conflict";
    this.set({
      content,
      phase: conflict ? "conflict" : isComplete(content) ? "changed" : "incomplete",
    });
    this.pocket.put(this.state.id, { revision: this.state.revision, content });
    if (!conflict) this.plan(REST_MS);
  }

  /** Saves now what is not saved yet. Throws what the controller refuses with. */
  async flush(): Promise<Saved> {
    this.cancelTimer();
    await this.saving;
    if (this.state.phase !== "saved") await this.save();
    const { id, revision, content, phase, error } = this.state;
    if (phase !== "saved" || id === null) throw error;
    return { id, revision, content };
  }

  /** Ends a conflict: what is there now, or what was written here. */
  resolve(mine: boolean): void {
    const { theirs, id } = this.state;
    if (!theirs) return;
    const { revision } = theirs;
    if (mine) {
      this.set({ revision, theirs: null, phase: "changed", error: null });
      this.plan(0);
      return;
    }
    this.pocket.drop(id);
    this.set({ revision, content: theirs.content, theirs: null, phase: "saved", error: null });
  }

  /** The screen is opened: what was kept here is sent. */
  open(): void {
    this.closed = false;
    if (this.state.phase === "changed") this.plan(REST_MS);
  }

  /** The screen is left: what is not saved is sent once more. */
  close(): void {
    this.closed = true;
    this.cancelTimer();
    if (this.state.phase === "changed" || this.state.phase === "unsaved") void this.save();
  }

  private restore(): void {
    const { id, revision, content } = this.state;
    const kept = this.pocket.take(id);
    if (!kept) return;
    if (id === null || kept.revision === revision) {
      this.state = {
        ...this.state,
        content: kept.content,
        phase: isComplete(kept.content) ? "changed" : "incomplete",
      };
    } else {
      const theirs = { id, revision, content };
      this.state = { ...this.state, content: kept.content, phase: "conflict", theirs };
    }
  }

  private plan(ms: number): void {
    this.cancelTimer();
    if (!this.closed) this.cancelTimer = this.around.later(() => void this.save(), ms);
  }

  private save(): Promise<void> {
    this.saving ??= this.send().finally(() => {
      this.saving = null;
    });
    return this.saving;
  }

  private async send(): Promise<void> {
    const { id, revision, content } = this.state;
    if (!isComplete(content)) {
      this.set({ phase: "incomplete" });
      return;
    }
    this.set({ phase: "saving" });
    try {
      const saved =
        id === null
          ? await this.shelf.create(content)
          : await this.shelf.edit(id, revision, content);
      this.pocket.drop(id);
      const { content: written } = this.state;
      const again = written !== content;
      this.set({
        id: saved.id,
        revision: saved.revision,
        phase: again ? "changed" : "saved",
        error: null,
      });
      if (again) {
        this.pocket.put(saved.id, { revision: saved.revision, content: written });
        this.plan(REST_MS);
      }
    } catch (error) {
      await this.failed(error);
    }
  }

  private async failed(error: unknown): Promise<void> {
    const refusal = error instanceof Refusal ? error : null;
    if (refusal?.code === "changed_meanwhile" && this.state.id !== null) {
      try {
        const theirs = await this.shelf.read(this.state.id);
        this.set({ phase: "conflict", theirs, error });
        return;
      } catch (unread) {
        this.set({ phase: "unsaved", error: unread });
      }
    } else if (refusal && refusal.status >= 400 && refusal.status < 500 && refusal.status !== 429) {
      this.set({ phase: "refused", error });
      return;
    } else {
      this.set({ phase: "unsaved", error });
    }
    this.plan(AGAIN_MS);
  }

  private set(change: Partial<DraftState>): void {
    this.state = { ...this.state, ...change };
    for (const listener of this.listeners) listener();
  }
}
