"""One-time codes: who may make them, and that each gives one terminal its place, once."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from controller.domain.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, TooMany
from controller.domain.pace import Pace
from controller.domain.paging import PageRequest
from controller.services.enrol import TRIES, TRIES_S
from edge_agent.wire.enrolment import EnrolmentCode, read_code
from edge_agent.wire.envelope import MessageType, parse
from tests.fakes.commune import Town, once
from tests.fakes.terminal import enrol_request, new_key
from tests.unit.controller.services.terminal_rig import Field, until

SOURCE = "203.0.113.7"


@pytest.fixture
async def field(town: Town) -> AsyncIterator[Field]:
    async with Field(town, time.monotonic, Pace()).running() as field:
        yield field


async def code_of(field: Field, name: str = "Loa mới", area: str = "Thôn Đông") -> EnrolmentCode:
    new = await field.enrolments.create(field.town.actor("admin"), field.town.areas[area].id, name)
    return read_code(new.text)


async def test_a_code_gives_a_terminal_its_place(field: Field) -> None:
    """The answer holds trust, assignment and the policies above; the terminal may sign in."""
    town = field.town
    key = new_key()
    code = await code_of(field)
    answer = await field.enrolments.redeem(enrol_request(code, key), SOURCE)
    kinds = [parse(raw).type for raw in (answer.trust, answer.assignment, *answer.policies)]
    assert kinds == [
        MessageType.TRUST,
        MessageType.ASSIGNMENT,
        MessageType.POLICY,
        MessageType.POLICY,
    ]
    groups = await field.side.rights.groups_of(str(answer.terminal), answer.mqtt_password)
    assert groups == set(town.areas["Thôn Đông"].chain)  # type: ignore[comparison-overlap]
    async with town.database.read() as tx:
        terminal = await tx.terminals.find(answer.terminal)
        page = await tx.enrolments.list(town.areas["Thôn Đông"].id, PageRequest())
    assert terminal is not None
    assert terminal.public_key == key.public_key().public_bytes_raw()
    assert answer.mqtt_password not in terminal.broker_password_hash
    assert page.items[0].terminal == answer.terminal


async def test_a_code_is_used_once_whoever_tries_at_the_same_time(field: Field) -> None:
    """Of ten that redeem the same code at once one gets a place; nothing is left of the others."""
    code = await code_of(field)
    before = set(field.broker.accounts)
    answers = await asyncio.gather(
        *(
            field.enrolments.redeem(enrol_request(code, new_key()), f"203.0.113.{n}")
            for n in range(10)
        ),
        return_exceptions=True,
    )
    places = [one for one in answers if not isinstance(one, BaseException)]
    refusals = [one for one in answers if isinstance(one, BaseException)]
    assert len(places) == 1
    assert {getattr(one, "code", repr(one)) for one in refusals} == {"enrolment_used"}
    assert set(field.broker.accounts) - before == {str(places[0].terminal)}


@pytest.mark.parametrize("wrong", ["token", "no hex", "proof", "other key", "expired", "voided"])
async def test_a_wrong_code_gives_nothing(field: Field, wrong: str) -> None:
    """A guessed token, a proof by another key, an old or voided code: each with its reason."""
    new = await field.enrolments.create(
        field.town.actor("admin"), field.town.areas["Thôn Đông"].id, "Loa mới"
    )
    code, key = read_code(new.text), new_key()
    request = enrol_request(code, key)
    if wrong == "token":
        request = enrol_request(code, key, token="ab" * 16)
        other = EnrolmentCode(
            url=code.url, root=code.root, tls=None, token=b"\xab" * 16, area=code.area
        )
        request = enrol_request(other, key)
    elif wrong == "no hex":
        request = enrol_request(code, key, token="không phải mã")
    elif wrong == "proof":
        request = enrol_request(code, key, proof=bytes(64))
    elif wrong == "other key":
        request = enrol_request(code, key, public_key=new_key().public_key().public_bytes_raw())
    elif wrong == "expired":
        field.town.clock.run(timedelta(hours=73))
    else:
        await field.enrolments.void(field.town.actor("admin"), new.enrolment.id)
    codes = {
        "token": (NotFound, "enrolment_unknown"),
        "no hex": (NotFound, "enrolment_unknown"),
        "proof": (Invalid, "enrolment_proof"),
        "other key": (Invalid, "enrolment_proof"),
        "expired": (Conflict, "enrolment_expired"),
        "voided": (Conflict, "enrolment_used"),
    }
    kind, expected = codes[wrong]
    with pytest.raises(kind) as refused:
        await field.enrolments.redeem(request, SOURCE)
    assert refused.value.code == expected
    assert not field.broker.accounts


async def test_guessing_is_slowed_down_for_its_own_address_only(field: Field) -> None:
    """The eleventh try within a minute is refused with a time to wait; another address is not."""
    request = enrol_request(await code_of(field), new_key(), token="00" * 16)
    for _ in range(TRIES):
        with pytest.raises(DomainError) as refused:
            await field.enrolments.redeem(request, SOURCE)
        assert refused.value.code in {"enrolment_unknown", "enrolment_proof"}
    with pytest.raises(TooMany) as slowed:
        await field.enrolments.redeem(request, SOURCE)
    wait = slowed.value.detail["retry_after_s"]
    assert isinstance(wait, int)
    assert 0 < wait <= TRIES_S + 1
    other = await field.enrolments.redeem(
        enrol_request(await code_of(field, "Loa khác"), new_key()), "203.0.113.8"
    )
    assert other.terminal  # type: ignore[truthy-bool]


async def test_a_signer_that_is_away_leaves_the_code_good(field: Field) -> None:
    """Enrolment fails whole and works when tried again."""
    code = await code_of(field)
    request = enrol_request(code, new_key())
    field.town.signer.away = True
    with pytest.raises(DomainError) as refused:
        await field.enrolments.redeem(request, SOURCE)
    assert refused.value.code == "signer_unavailable"
    field.town.signer.away = False
    assert (await field.enrolments.redeem(request, SOURCE)).terminal  # type: ignore[truthy-bool]


async def test_codes_are_made_by_administrators_of_the_area_only(field: Field) -> None:
    """An operator is refused; somebody else's area does not even exist."""
    town = field.town
    for who, kind in (("operator", Forbidden), ("neighbour", NotFound), ("monitor", Forbidden)):
        with pytest.raises(kind):
            await field.enrolments.create(
                town.actor(who), town.areas["Thôn Đông"].id, "Loa của tôi"
            )
        with pytest.raises(kind):
            await field.enrolments.list(town.actor(who), town.areas["Thôn Đông"].id, PageRequest())


async def test_codes_of_another_commune_cannot_be_voided(field: Field) -> None:
    """Somebody who manages another area is told that there is no such code."""
    new = await field.enrolments.create(
        field.town.actor("admin"), field.town.areas["Thôn Đông"].id, "Loa mới"
    )
    for who, kind in (("neighbour", NotFound), ("operator", Forbidden)):
        with pytest.raises(kind):
            await field.enrolments.void(field.town.actor(who), new.enrolment.id)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Loa đình làng", "terminal_name_taken"),
        ("  loa ĐÌNH làng ", "terminal_name_taken"),
        (" ", "text_empty"),
        ("x" * 300, "text_too_long"),
        ("Loa\x07", "text_control_character"),
    ],
)
async def test_names_are_checked_when_the_code_is_made(field: Field, name: str, code: str) -> None:
    """A name that is taken, empty, too long or hides control characters is refused."""
    with pytest.raises(DomainError) as refused:
        await field.enrolments.create(
            field.town.actor("admin"), field.town.areas["Thôn Đông"].id, name
        )
    assert refused.value.code == code


async def test_a_new_terminal_gets_what_was_planned_before_it_came(field: Field) -> None:
    """An announcement for its hamlet reaches a terminal that is enrolled after the approval."""
    await field.town.approved(once(23, 17))
    terminal = await field.join("Loa đến sau", "Thôn Đông")
    await until(lambda: terminal.rundown is not None and terminal.rundown.items, "its rundown")
