import { MantineProvider } from "@mantine/core";
import { cleanup, render } from "@testing-library/react";
import type { ReactElement } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import "../texts";
import { followClock } from "./now";
import { HEALTHS, StatusBadge } from "./StatusBadge";

const now = new Date("2026-11-24T05:30:00Z");

beforeEach(() => {
  // jsdom has no media queries; Mantine asks for the colour scheme.
  vi.stubGlobal("matchMedia", () => ({
    matches: false,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  }));
  vi.useFakeTimers({ now });
});

afterEach(() => {
  cleanup();
  followClock(now.toUTCString());
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function show(element: ReactElement): string {
  const { container } = render(
    <MantineProvider forceColorScheme="light">{element}</MantineProvider>,
  );
  return container.querySelector("[data-health]")?.textContent ?? "";
}

describe("state of a loudspeaker", () => {
  it("says every state in words of its own", () => {
    const words = HEALTHS.map((health) => {
      cleanup();
      return show(<StatusBadge health={health} />);
    });
    expect(words).not.toContain("");
    expect(new Set(words).size).toBe(HEALTHS.length);
  });

  it("tells the age of what it says", () => {
    const text = show(<StatusBadge health="silent" at="2026-11-24T05:18:00Z" />);
    expect(text).toBe("Mất liên lạc· 12 phút");
  });

  it("says so when nothing was ever reported", () => {
    expect(show(<StatusBadge health="unknown" at={null} />)).toBe("Chưa rõ· chưa báo về");
  });

  it("keeps the word for whoever cannot see the sign", () => {
    expect(show(<StatusBadge health="faulty" count={2} short />)).toBe("Có lỗi2");
  });

  it("goes by the controller's clock when the phone's is wrong", () => {
    followClock("Tue, 24 Nov 2026 05:40:00 GMT");
    const text = show(<StatusBadge health="ready" at="2026-11-24T05:39:55Z" />);
    expect(text).toBe("Sẵn sàng· 5 giây");
  });
});
