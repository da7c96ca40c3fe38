"""One-time codes, and how a terminal gets its place for one."""

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from controller.domain.announcement import Targets
from controller.domain.area import Area
from controller.domain.document import Acknowledged
from controller.domain.enrolment import CODE_LIFETIME, Enrolment, require_open
from controller.domain.errors import Conflict, ErrorCode, Invalid, NotFound, TooMany
from controller.domain.event import EventKind
from controller.domain.ids import AreaId
from controller.domain.paging import Page, PageRequest
from controller.domain.roles import Actor, Permission, authorize
from controller.domain.signing import AssignTerminal, Signed, TrustAnswer
from controller.domain.terminal import Terminal
from controller.domain.text import read_title
from controller.services.broker_access import BrokerAccess, password_hash
from controller.services.context import Context
from controller.services.loops import Monotonic, attempt
from controller.services.planning import Replanning
from controller.services.ports import Transaction
from edge_agent.wire.enrolment import (
    EnrolAnswer,
    EnrolmentCode,
    EnrolRequest,
    enrolment_proof,
    write_code,
)
from edge_agent.wire.envelope import MessageType, signature_holds

TOKEN_BYTES: Final = 16
TRIES: Final = 10
TRIES_S: Final = 60.0
"""From one address at most `TRIES` in `TRIES_S`, counted anew after each that succeeds.

A token cannot be guessed anyway; this spares the database and the log.
"""
_MOST_SOURCES: Final = 10_000


@dataclass(frozen=True, slots=True)
class TerminalDoor:
    """How terminals reach us.

    url: of the web server. tls_pin: SHA-256 of the authority's public key, None on loopback
    without TLS. ca_pem: the authorities that the broker's certificate is checked against.
    """

    url: str
    tls_pin: bytes | None
    mqtt_host: str
    mqtt_port: int
    mqtt_tls: bool
    ca_pem: str


@dataclass(frozen=True, slots=True)
class NewCode:
    """A code, shown once."""

    enrolment: Enrolment
    text: str


class Enrolments:
    """Makes codes and redeems them."""

    def __init__(
        self,
        context: Context,
        door: TerminalDoor,
        access: BrokerAccess,
        replanning: Replanning,
        monotonic: Monotonic,
    ) -> None:
        self._context = context
        self._door = door
        self._access = access
        self._replanning = replanning
        self._monotonic = monotonic
        self._tries: OrderedDict[str, list[float]] = OrderedDict()

    async def list(self, actor: Actor, scope: AreaId, page: PageRequest) -> Page[Enrolment]:
        """Return codes of an area and below, newest first. Raises NotFound, Forbidden."""
        async with self._context.database.read() as tx:
            area = await tx.areas.get(actor.area, scope)
            authorize(actor, Permission.MANAGE_TERMINALS, area.chain)
            return await tx.enrolments.list(area.id, page)

    async def create(
        self, actor: Actor, area_id: AreaId, name: str, *, virtual: bool = False
    ) -> NewCode:
        """Make a one-time code. Raises NotFound, Forbidden, Invalid, Conflict."""
        context = self._context
        async with context.database.read() as tx:
            area = await tx.areas.get(actor.area, area_id)
            authorize(actor, Permission.MANAGE_TERMINALS, area.chain)
            title = read_title(name, "name")
            await require_free_name(tx, area.id, title)
        if area.valid_until is not None:
            raise Conflict(ErrorCode.AREA_ENDED, field="area_id")
        now, token = context.clock.now(), context.ids.secret(TOKEN_BYTES)
        enrolment = Enrolment(
            id=context.ids.new(),
            area=area.id,
            name=title,
            token_hash=_token_hash(token),
            created_by=actor.account,
            created_at=now,
            expires_at=now + CODE_LIFETIME,
            virtual=virtual,
        )
        root = (await context.signer.trust()).fingerprint
        async with context.database.begin() as tx:
            await tx.enrolments.add(enrolment)
            await context.note(tx, actor, area.id, "enrolment.created", enrolment.id, title)
        context.tell(EventKind.ENROLMENT, enrolment.id, area.chain)
        code = EnrolmentCode(
            url=self._door.url, root=root, tls=self._door.tls_pin, token=token, area=area.id
        )
        return NewCode(enrolment, write_code(code))

    async def void(self, actor: Actor, enrolment_id: UUID) -> None:
        """Make an unused code worthless. Raises NotFound, Forbidden, Conflict."""
        async with self._context.database.begin() as tx:
            enrolment = await tx.enrolments.get(actor.area, enrolment_id)
            area = await tx.areas.get(actor.area, enrolment.area)
            authorize(actor, Permission.MANAGE_TERMINALS, area.chain)
            await tx.enrolments.void(enrolment.id, self._context.clock.now())
            await self._context.note(tx, actor, area.id, "enrolment.voided", enrolment.id)
        self._context.tell(EventKind.ENROLMENT, enrolment.id, area.chain)

    async def redeem(self, request: EnrolRequest, source: str) -> EnrolAnswer:
        """Give a terminal its place, once. `source` is the caller's address.

        Raises TooMany, NotFound `enrolment_unknown`, Conflict `enrolment_used`,
        `enrolment_expired`, Invalid `enrolment_proof`, Unavailable.
        """
        self._throttle(source)
        token = _read_token(request.token)
        proof = enrolment_proof(token, request.public_key)
        if not signature_holds(request.public_key, request.proof, proof):
            raise Invalid(ErrorCode.ENROLMENT_PROOF, field="proof")
        context, now = self._context, self._context.clock.now()
        async with context.database.read() as tx:
            enrolment = await tx.enrolments.find(_token_hash(token))
            if enrolment is None:
                raise NotFound(ErrorCode.ENROLMENT_UNKNOWN)
            require_open(enrolment, now)
            area = await tx.areas.find(enrolment.area)
            if area is None:
                raise NotFound(ErrorCode.ENROLMENT_UNKNOWN)
            policies = [
                document.envelope
                for one in area.chain
                if (document := await tx.documents.find(MessageType.POLICY, one)) is not None
            ]
        password = context.ids.secret().hex()
        terminal = Terminal(
            id=context.ids.new(),
            area=area.id,
            name=enrolment.name,
            public_key=request.public_key,
            broker_password_hash=password_hash(password),
            enrolled_at=now,
            hardware=_plain(request.hardware),
            virtual=enrolment.virtual,
        )
        trust = await context.signer.trust()
        assignment = await context.signer.assign(assign_request(terminal, None))
        answer = self._answer(terminal, password, trust, assignment, policies)
        await self._admit(enrolment, terminal, area, assignment, answer)
        self._tries.pop(source, None)
        return answer

    async def _admit(
        self,
        enrolment: Enrolment,
        terminal: Terminal,
        area: Area,
        assignment: Signed,
        answer: EnrolAnswer,
    ) -> None:
        """Store the terminal and let it in at the broker, or neither."""
        context = self._context
        await self._access.grant(terminal.id, answer.mqtt_password, frozenset(area.chain))
        try:
            async with context.database.begin() as tx:
                used_at = terminal.enrolled_at
                await tx.enrolments.use(enrolment.token_hash, terminal.id, used_at)
                await tx.terminals.add(terminal)
                await put_assignment(context, tx, terminal, assignment)
                await _note_held(tx, terminal, answer)
                await tx.rundowns.mark_stale([terminal.id])
                await context.note(
                    tx, None, area.id, "terminal.enrolled", terminal.id, terminal.name
                )
        except BaseException:
            await attempt("enrol_undone", self._access.revoke, terminal.id)
            raise
        context.outbox.wake()
        self._replanning.ask()
        context.tell(EventKind.ENROLMENT, enrolment.id, area.chain)
        context.tell(EventKind.TERMINAL, terminal.id, area.chain)

    def _answer(
        self,
        terminal: Terminal,
        password: str,
        trust: TrustAnswer,
        assignment: Signed,
        policies: Sequence[bytes],
    ) -> EnrolAnswer:
        door = self._door
        return EnrolAnswer(
            terminal=terminal.id,
            mqtt_host=door.mqtt_host,
            mqtt_port=door.mqtt_port,
            mqtt_tls=door.mqtt_tls,
            ca_pem=door.ca_pem,
            mqtt_password=password,
            trust=trust.trust,
            assignment=assignment.envelope,
            policies=tuple(policies),
        )

    def _throttle(self, source: str) -> None:
        now = self._monotonic()
        tries = [at for at in self._tries.get(source, []) if now - at < TRIES_S]
        if len(tries) >= TRIES:
            wait = int(TRIES_S - (now - tries[0])) + 1
            raise TooMany(ErrorCode.TOO_MANY_REQUESTS, detail={"retry_after_s": wait})
        self._tries[source] = [*tries, now]
        self._tries.move_to_end(source)
        while len(self._tries) > _MOST_SOURCES:
            self._tries.popitem(last=False)


def assign_request(terminal: Terminal, ticket: str | None) -> AssignTerminal:
    """Return what the signer is asked for a terminal's place and settings."""
    return AssignTerminal(
        terminal=terminal.id,
        area=terminal.area,
        name=terminal.name,
        zones=(),
        volume=terminal.volume,
        amplifier_lead=terminal.amplifier_lead_ms,
        ticket=ticket,
    )


async def put_assignment(
    context: Context, tx: Transaction, terminal: Terminal, signed: Signed
) -> None:
    """Put a signed assignment on its way."""
    await context.outbox.put(
        tx,
        signed,
        kind=MessageType.ASSIGNMENT,
        subject=terminal.id,
        area=terminal.area,
        targets=Targets(terminals=(terminal.id,)),
        issued_at=context.clock.now(),
    )


async def _note_held(tx: Transaction, terminal: Terminal, answer: EnrolAnswer) -> None:
    """What comes with the answer needs no sending; the first hello corrects this if need be."""
    given = {answer.trust, answer.assignment, *answer.policies}
    for document in await tx.documents.addressed_to(terminal.id, terminal.enrolled_at):
        if document.envelope in given:
            await tx.documents.acknowledge(
                Acknowledged(
                    terminal=terminal.id,
                    type=document.type,
                    subject=document.subject,
                    version=document.version,
                    digest=document.digest,
                    at=terminal.enrolled_at,
                )
            )


async def require_free_name(
    tx: Transaction, area: AreaId, name: str, but: UUID | None = None
) -> None:
    """Refuse a name that another terminal of the area has. Raises Conflict."""
    for other in await tx.terminals.addressed(Targets(areas=(area,))):
        if other.area == area and other.id != but and other.name.casefold() == name.casefold():
            raise Conflict(ErrorCode.TERMINAL_NAME_TAKEN, field="name")


def _token_hash(token: bytes) -> bytes:
    return hashlib.sha256(token).digest()


def _read_token(text: str) -> bytes:
    try:
        token = bytes.fromhex(text)
    except ValueError:
        raise NotFound(ErrorCode.ENROLMENT_UNKNOWN, field="token") from None
    return token


def _plain(text: str) -> str:
    return "".join(character for character in text if character.isprintable())
