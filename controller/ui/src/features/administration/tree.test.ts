import { describe, expect, it } from "vitest";
import { type Area, codeDigits, type Level, levelsBelow, pathTo, treeOf } from "./tree";

function area(id: string, parent: string | null, level: Level): Area {
  const timezone = "Asia/Ho_Chi_Minh";
  return { id, parent_id: parent, level, code: "", name: id.toUpperCase(), timezone, terminals: 0 };
}

const areas = [
  area("p", "elsewhere", "province"),
  area("c", "p", "commune"),
  area("h", "c", "hamlet"),
  area("i", "c", "hamlet"),
];

describe("the area tree", () => {
  it("starts at the reader's own area, whose parent is out of sight", () => {
    const [top] = treeOf(areas);
    expect(top?.value).toBe("p");
    expect(top?.children?.[0]?.children?.map((node) => node.value)).toEqual(["h", "i"]);
  });

  it("tells the way from the top", () => {
    expect(pathTo(areas, "i").map((step) => step.id)).toEqual(["p", "c", "i"]);
    expect(pathTo(areas, "nowhere")).toEqual([]);
  });

  it("allows lower levels only, and hamlets below hamlets", () => {
    expect(levelsBelow("province")).toEqual(["commune", "hamlet"]);
    expect(levelsBelow("commune")).toEqual(["hamlet"]);
    expect(levelsBelow("hamlet")).toEqual(["hamlet"]);
  });

  it("knows how long an official number is", () => {
    expect(codeDigits("province")).toBe(2);
    expect(codeDigits("commune")).toBe(5);
    expect(codeDigits("hamlet")).toBeNull();
  });
});
