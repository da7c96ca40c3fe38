"""A small province to try everything with: areas, people, rules."""

import secrets
from dataclasses import dataclass
from datetime import datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from controller.domain.account import Account
from controller.domain.area import Area, Level
from controller.domain.roles import Role
from controller.services.areas import Areas, RulesChange
from controller.services.context import Context
from controller.services.people import NewAccount, People
from controller.services.setup import Setup, SetupRequest
from edge_agent.wire.state import QuietWindow

_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_EVERY_DAY: Final = 127

COMMUNES: Final = (
    ("Xã Bình Minh", "90001", (("Thôn Đông", 2), ("Thôn Đoài", 1))),
    ("Xã An Hòa", "90002", (("Thôn Thượng", 2), ("Thôn Hạ", 1))),
)
"""Communes with their official code, their hamlets, and how many loudspeakers those have."""


@dataclass(frozen=True, slots=True)
class Person:
    """An account of the demonstration; the password is shown once and kept by the signer only."""

    username: str
    password: str
    duty: str
    area: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a virtual loudspeaker hangs."""

    area: Area
    name: str


@dataclass(frozen=True, slots=True)
class Province:
    """What was made. `quiet` are the quiet hours of the whole province."""

    people: tuple[Person, ...]
    places: tuple[Place, ...]
    administrator: Account
    ticket: str
    quiet: QuietWindow


class Demonstration:
    """Makes the province, once, through the same services that people use."""

    def __init__(self, context: Context, setup: Setup, areas: Areas, people: People) -> None:
        self._context = context
        self._setup = setup
        self._areas = areas
        self._people = people

    async def make(self, timezone: str, admin_password: str | None) -> Province | None:
        """Make it; None when the system is set up already."""
        if await self._setup.is_done():
            return None
        admin_secret = admin_password or fresh_password()
        signed_in = await self._setup.run(
            SetupRequest(
                area_name="Tỉnh Sông Lam",
                level=Level.PROVINCE,
                area_code="99",
                timezone=timezone,
                username="admin",
                display_name="Quản trị tỉnh",
                password=admin_secret,
            )
        )
        account, ticket = signed_in.account, signed_in.ticket.token
        quiet = quiet_hours(self._context.clock.now(), ZoneInfo(timezone))
        await self._areas.set_rules(account.actor(), account.area, _rules(quiet), ticket)
        communes, places = await self._make_areas(account, ticket)
        people = [Person("admin", admin_secret, "quản trị", "Tỉnh Sông Lam")]
        people += await self._make_people(account, ticket, communes[0])
        return Province(tuple(people), tuple(places), account, ticket, quiet)

    async def _make_areas(self, account: Account, ticket: str) -> tuple[list[Area], list[Place]]:
        actor, communes, places = account.actor(), [], []
        for name, code, hamlets in COMMUNES:
            commune = await self._areas.create(
                actor, account.area, Level.COMMUNE, name, code, ticket
            )
            communes.append(commune)
            for hamlet_name, count in hamlets:
                hamlet = await self._areas.create(
                    actor, commune.id, Level.HAMLET, hamlet_name, "", ticket
                )
                short = hamlet_name.removeprefix("Thôn ")
                places += [Place(hamlet, f"Loa {short} {n}") for n in range(1, count + 1)]
        return communes, places

    async def _make_people(self, account: Account, ticket: str, commune: Area) -> list[Person]:
        province = account.area
        wanted = (
            ("operator", "Cán bộ đài", Role.OPERATOR, commune.id, "soạn và gửi", commune.name),
            ("approver", "Lãnh đạo xã", Role.APPROVER, commune.id, "duyệt", commune.name),
            ("monitor", "Trực tỉnh", Role.MONITOR, province, "theo dõi", "Tỉnh Sông Lam"),
        )
        made = []
        for username, display_name, role, area, duty, area_name in wanted:
            new = NewAccount(username, display_name, role, area, role is Role.APPROVER)
            link = await self._people.create(account.actor(), new, ticket)
            password = fresh_password()
            await self._people.redeem(link.token, password)
            made.append(Person(username, password, duty, area_name))
        return made


def fresh_password() -> str:
    """Return a password of 59 random bits that can be read out and typed on a phone."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(3))


def quiet_hours(now: datetime, zone: ZoneInfo) -> QuietWindow:
    """Return 21:00 to 05:00, or 03:00 to 04:00 for whoever tries the system at night."""
    evening = not time(5) <= now.astimezone(zone).time() < time(20, 30)
    start, end = (3 * 60, 4 * 60) if evening else (21 * 60, 5 * 60)
    return QuietWindow(start=start, end=end, weekdays=_EVERY_DAY)


def _rules(quiet: QuietWindow) -> RulesChange:
    return RulesChange(
        quiet=(quiet,),
        max_volume=100,
        max_session_ms=None,
        max_day_ms=None,
        author_may_approve=False,
    )
