"""May the wall clock be believed? Signed answers, what the machine says, and for how long.

Instants are UTC microseconds; `boot` is microseconds of a clock that counts from the machine's
start, never steps and goes on while it sleeps.
"""

from dataclasses import dataclass, replace
from typing import Final

from edge_agent.wire.reports import ClockState

RELEASED: Final = 1_793_491_200_000_000
"""2026-11-01: no clock that shows an earlier date is believed."""
MAX_ROUND_TRIP_US: Final = 2_000_000
FRESH_US: Final = 30 * 60 * 1_000_000
"""Three missed questions, then trusted becomes holdover."""
HOLDOVER_US: Final = 7 * 24 * 3600 * 1_000_000
NTP_TOLERANCE_US: Final = 2_000_000
"""A synchronised clock may be this far outside what was signed before it contradicts it."""
_DRIFT_PPM: Final = 100


@dataclass(frozen=True, slots=True)
class Anchor:
    """At `boot` the true time lay between `lower` and `upper`, by a signed answer."""

    boot: int
    lower: int
    upper: int

    def at(self, boot: int) -> "Anchor":
        """Return the bounds at a later moment, wider by what a crystal may drift."""
        elapsed = boot - self.boot
        drift = abs(elapsed) * _DRIFT_PPM // 1_000_000
        return Anchor(boot, self.lower + elapsed - drift, self.upper + elapsed + drift)


@dataclass(frozen=True, slots=True)
class Machine:
    """What the machine says about time. `rtc`: its clock runs on while it is switched off."""

    boot: int
    system: int
    synchronised: bool
    rtc: bool


@dataclass(frozen=True, slots=True)
class Judgement:
    """The state of the clock, why, and the time by it (None: nothing is known)."""

    state: ClockState
    reason: str
    now: int | None


class TimeRefused(Exception):
    """A signed answer that says nothing; the text is a stable code."""


@dataclass(frozen=True, slots=True)
class ClockTrust:
    """All that is known about the true time. floor: it is never before this."""

    floor: int = RELEASED
    anchor: Anchor | None = None

    def answered(self, signed: int, asked: int, received: int) -> "ClockTrust":
        """Take a signed answer to a question of ours, sent and received at these boot times.

        Raises TimeRefused: round_trip, below_floor.
        """
        if not 0 <= received - asked <= MAX_ROUND_TRIP_US:
            raise TimeRefused("round_trip")
        if signed < self.floor:
            raise TimeRefused("below_floor")
        offered = Anchor(received, signed, signed + received - asked)
        return ClockTrust(max(self.floor, signed), self._narrowed(offered))

    def _narrowed(self, offered: Anchor) -> Anchor:
        """Keep what both answers allow; where they disagree, the newer one counts."""
        if self.anchor is None:
            return offered
        held = self.anchor.at(offered.boot)
        lower, upper = max(held.lower, offered.lower), min(held.upper, offered.upper)
        return Anchor(offered.boot, lower, upper) if lower <= upper else offered

    def judge(self, machine: Machine, answered_at: int | None) -> Judgement:
        """Say what the clock is worth; `answered_at`: boot time of the last signed answer."""
        if self.anchor is None or answered_at is None:
            return self._without_answer(machine)
        age = machine.boot - answered_at
        if age > HOLDOVER_US:
            return Judgement(ClockState.UNTRUSTED, "holdover_ended", None)
        bounds = self.anchor.at(machine.boot)
        now = self._placed(bounds, machine.system)
        far = max(bounds.lower - machine.system, machine.system - bounds.upper)
        if machine.synchronised and far > NTP_TOLERANCE_US:
            return Judgement(ClockState.CONTRADICTED, "ntp_differs", now)
        if age <= FRESH_US:
            return Judgement(ClockState.TRUSTED, "signed", now)
        return Judgement(ClockState.HOLDOVER, "boot_clock", now)

    def _placed(self, bounds: Anchor, system: int) -> int:
        """The system's clock where the signed bounds allow it, else their middle."""
        if bounds.lower <= system <= bounds.upper:
            return system
        return max(self.floor, (bounds.lower + bounds.upper) // 2)

    def _without_answer(self, machine: Machine) -> Judgement:
        if machine.rtc and machine.system >= self.floor:
            return Judgement(ClockState.HOLDOVER, "rtc", machine.system)
        reason = "below_floor" if machine.system < self.floor else "no_answer"
        return Judgement(ClockState.UNTRUSTED, reason, None)

    def with_floor(self, floor: int) -> "ClockTrust":
        """Return the same with a later floor."""
        return replace(self, floor=max(self.floor, floor))
