// Sounds that are not wholly sent yet, kept by the browser so that closing the page, or a flat
// battery, loses nothing. A browser that keeps nothing (private windows) is no fault: the person
// chooses the file again then.

const DATABASE = "loaxa";
const STORE = "sounds";
/** The controller gives an upload up after as long. */
const KEPT_MS = 24 * 3_600_000;

interface Kept {
  blob: Blob;
  at: number;
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

/** Keeps a sound until it is sent; false: this browser keeps nothing. */
export async function keepSound(recordingId: string, blob: Blob): Promise<boolean> {
  try {
    await asked((await store("readwrite")).put({ blob, at: Date.now() }, recordingId));
    return true;
  } catch {
    return false;
  }
}

export async function keptSound(recordingId: string): Promise<Blob | null> {
  try {
    const kept = await asked<Kept | undefined>((await store("readonly")).get(recordingId));
    return kept?.blob ?? null;
  } catch {
    return null;
  }
}

export async function forgetSound(recordingId: string): Promise<void> {
  try {
    await asked((await store("readwrite")).delete(recordingId));
  } catch {
    // It was never kept.
  }
}

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
