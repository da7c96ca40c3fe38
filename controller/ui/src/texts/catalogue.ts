export type Texts = Record<string, unknown>;

/** Joins the files of one language; a file's name is the first part of its keys. */
export function joined(files: Record<string, Texts>): Texts {
  return Object.fromEntries(
    Object.entries(files).map(([path, texts]) => [path.replace(/^.*\/|\.json$/g, ""), texts]),
  );
}
