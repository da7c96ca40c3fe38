import { MantineProvider } from "@mantine/core";
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import "../texts";
import { Boundary } from "./Boundary";

function Broken(): never {
  throw new Error("a fault of ours");
}

function page(place: string, broken: boolean) {
  return (
    <MantineProvider>
      <p>Dừng phát</p>
      <Boundary place={place}>{broken ? <Broken /> : <p>Lịch phát</p>}</Boundary>
    </MantineProvider>
  );
}

describe("a screen that fails", () => {
  beforeEach(() => {
    vi.stubGlobal("matchMedia", () => ({
      matches: false,
      addEventListener: () => undefined,
      removeEventListener: () => undefined,
    }));
    // React tells of the fault itself.
    vi.spyOn(console, "error").mockImplementation(() => undefined);
  });
  afterEach(() => {
    cleanup();
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });

  it("leaves what is around it in place, and ends when another is opened", () => {
    const { rerender } = render(page("/lich", true));
    expect(screen.getByText("Dừng phát")).toBeDefined();
    expect(screen.getByRole("alert")).toBeDefined();
    rerender(page("/loa", false));
    expect(screen.queryByRole("alert")).toBeNull();
    expect(screen.getByText("Lịch phát")).toBeDefined();
  });
});
