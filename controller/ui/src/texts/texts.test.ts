import { describe, expect, it } from "vitest";
import { english } from "./english";
import { vietnamese } from "./vietnamese";

const sources = import.meta.glob<string>("../**/*.{ts,tsx}", {
  eager: true,
  query: "?raw",
  import: "default",
});

function flat(texts: object, before = ""): string[] {
  return Object.entries(texts).flatMap(([key, value]) =>
    typeof value === "object" && value !== null
      ? flat(value, `${before}${key}.`)
      : [`${before}${key}`],
  );
}

/** Keys as code asks for them; `${…}` in a key stands for any one part of it. */
function asked(): { exact: Set<string>; patterns: RegExp[] } {
  const exact = new Set<string>();
  const patterns: RegExp[] = [];
  for (const [path, code] of Object.entries(sources)) {
    if (path.includes(".test.") || path.includes("schema.d.ts")) continue;
    for (const [, key] of code.matchAll(
      /["'`]([a-z][a-zA-Z]*(?:\.(?:[\w-]+|\$\{[^}]+\}))+)["'`]/g,
    )) {
      if (!key) continue;
      if (key.includes("${"))
        patterns.push(
          new RegExp(`^${key.replace(/\./g, "\\.").replace(/\$\{[^}]+\}/g, "[\\w-]+")}$`),
        );
      else exact.add(key);
    }
  }
  return { exact, patterns };
}

const base = (key: string) => key.replace(/_(one|other|zero)$/, "");

describe("texts", () => {
  const known = new Set(flat(vietnamese).map(base));

  it("say the same in every language", () => {
    expect(new Set(flat(english).map(base))).toEqual(known);
  });

  it("are all used", () => {
    const { exact, patterns } = asked();
    const unused = [...known].filter(
      (key) => !exact.has(key) && !patterns.some((pattern) => pattern.test(key)),
    );
    expect(unused).toEqual([]);
  });

  it("are all there", () => {
    const features = new Set([...known].map((key) => key.split(".")[0]));
    const missing = [...asked().exact].filter(
      (key) =>
        features.has(key.split(".")[0]) && !known.has(key) && !/\.(json|css|tsx?)$/.test(key),
    );
    expect(missing).toEqual([]);
  });
});
