// Sounds that are not wholly sent yet, kept by the browser so that closing the page, or a flat
// battery, loses nothing. A browser that keeps nothing (private windows) is no fault: the person
// chooses the file again then.

const DATABASE = "loaxa";
const STORE = "sounds";
/** The controller gives an upload up after as long. */
const KEPT_MS = 24 * 3_600_000;

/** Place of what somebody recorded and neither used nor gave up. */
const takeOf = (accountId: string) => `take ${accountId}`;

interface Kept {
  blob: Blob;
  at: number;
  durationMs?: number;
}

export interface KeptTake {
  blob: Blob;
  durationMs: number;
}

function asked<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function store(mode: IDBTransactionMode): Promise<IDBObjectStore> {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const database = await asked(opening);
  return database.transaction(STORE, mode).objectStore(STORE);
}

async function keep(key: string, kept: Kept): Promise<void> {
  try {
    await asked((await store("readwrite")).put(kept, key));
  } catch {
    // This browser keeps nothing.
  }
}

async function find(key: string): Promise<Kept | null> {
  try {
    const kept = await asked<Kept | undefined>((await store("readonly")).get(key));
    return kept ?? null;
  } catch {
    return null;
  }
}

async function forget(key: string): Promise<void> {
  try {
    await asked((await store("readwrite")).delete(key));
  } catch {
    // It was never kept.
  }
}

/** Keeps a sound until it is sent. */
export const keepSound = (recordingId: string, blob: Blob): Promise<void> =>
  keep(recordingId, { blob, at: Date.now() });

export const keptSound = async (recordingId: string): Promise<Blob | null> =>
  (await find(recordingId))?.blob ?? null;

export const forgetSound = forget;

/** Keeps what somebody just recorded until it is used or given up. */
export const keepTake = (accountId: string, take: KeptTake): Promise<void> =>
  keep(takeOf(accountId), { ...take, at: Date.now() });

export async function keptTake(accountId: string): Promise<KeptTake | null> {
  const kept = await find(takeOf(accountId));
  return kept?.durationMs ? { blob: kept.blob, durationMs: kept.durationMs } : null;
}

export const forgetTake = (accountId: string): Promise<void> => forget(takeOf(accountId));

/** Forgets what nobody came back for. */
export async function sweepSounds(): Promise<void> {
  try {
    const sounds = await store("readwrite");
    const walking = sounds.openCursor();
    walking.onsuccess = () => {
      const cursor = walking.result;
      if (!cursor) return;
      if ((cursor.value as Kept).at < Date.now() - KEPT_MS) cursor.delete();
      cursor.continue();
    };
  } catch {
    // Nothing is kept here.
  }
}
