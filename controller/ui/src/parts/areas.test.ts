import { describe, expect, it } from "vitest";
import { type Area, areaChoices } from "./areas";

function area(id: string, parent: string | null, level: Area["level"], name: string): Area {
  return {
    id,
    parent_id: parent,
    level,
    code: "",
    name,
    timezone: "Asia/Ho_Chi_Minh",
    terminals: 0,
  };
}

describe("areas to choose from", () => {
  it("come in order and tell hamlets of the same name apart", () => {
    const choices = areaChoices([
      area("c1", null, "commune", "Xã Một"),
      area("h1", "c1", "hamlet", "Thôn Đông"),
      area("c2", null, "commune", "Xã Hai"),
      area("h2", "c2", "hamlet", "Thôn Đông"),
    ]);
    expect(choices.map((choice) => choice.label)).toEqual([
      "Xã Hai",
      "Thôn Đông · Xã Hai",
      "Xã Một",
      "Thôn Đông · Xã Một",
    ]);
  });

  it("leaves out what lies out of sight", () => {
    const [choice] = areaChoices([area("h1", "elsewhere", "hamlet", "Thôn Đông")]);
    expect(choice).toEqual({ value: "h1", label: "Thôn Đông" });
  });
});
