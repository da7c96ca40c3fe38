"""A code from the controller's screen becomes a place in the system, once."""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from edge_agent.core.records import Enrolled
from edge_agent.services.holdings import Holdings
from edge_agent.services.ports import Documents, InThread, Signer
from edge_agent.wire.codec import from_json, to_json
from edge_agent.wire.enrolment import (
    EnrolAnswer,
    EnrolmentCode,
    EnrolRequest,
    enrolment_proof,
    read_code,
)
from edge_agent.wire.envelope import parse
from edge_agent.wire.errors import WireError

PATH: Final = "/api/v1/enrolments/redeem"
_TAKEN: Final = (200, 201)


class EnrolProblem(StrEnum):
    """Why there is no place for this terminal."""

    BAD_CODE = "bad_code"
    BAD_ADDRESS = "bad_address"
    UNREACHABLE = "unreachable"
    CERTIFICATE_REFUSED = "certificate_refused"
    REFUSED = "refused"
    BAD_ANSWER = "bad_answer"


class EnrolFailed(OSError):
    """Enrolment failed; `problem` is the stable code, the text a plain sentence."""

    def __init__(self, problem: EnrolProblem, detail: str) -> None:
        super().__init__(detail)
        self.problem = problem


class Redeem(Protocol):
    """Reaches the controller before there is anything but the code."""

    def redeem(self, url: str, path: str, tls: bytes | None, body: bytes) -> tuple[int, bytes]:
        """Post JSON; returns status and body. Raises EnrolFailed."""
        ...


@dataclass(frozen=True, slots=True)
class Machine:
    """What a terminal tells about itself."""

    hardware: str
    agent: str


async def enrol(
    text: str,
    server: str | None,
    machine: Machine,
    signer: Signer,
    client: Redeem,
    documents: Documents,
    in_thread: InThread,
) -> Enrolled:
    """Redeem a code and store the signed documents that come with it.

    `server` replaces the address in the code. The caller keeps what is returned. Raises
    EnrolFailed, OSError.
    """
    code = _read(text)
    url = server or code.url
    request = EnrolRequest(
        token=code.token.hex(),
        public_key=signer.public_key,
        proof=signer.sign(enrolment_proof(code.token, signer.public_key)),
        hardware=machine.hardware[:120],
        agent=machine.agent[:64],
    )
    status, body = await in_thread(lambda: client.redeem(url, PATH, code.tls, to_json(request)))
    if status not in _TAKEN:
        raise EnrolFailed(EnrolProblem.REFUSED, _said(status, body))
    try:
        answer = from_json(EnrolAnswer, body)
        await _hold(answer, code, Holdings(documents, in_thread, answer.terminal, code.root))
    except WireError as error:
        raise EnrolFailed(
            EnrolProblem.BAD_ANSWER, f"the controller's answer does not count: {error}"
        ) from error
    return Enrolled(
        terminal=answer.terminal,
        url=url,
        root=code.root,
        tls=code.tls,
        mqtt_host=answer.mqtt_host,
        mqtt_port=answer.mqtt_port,
        mqtt_tls=answer.mqtt_tls,
        ca_pem=answer.ca_pem,
        mqtt_password=answer.mqtt_password,
    )


def _read(text: str) -> EnrolmentCode:
    try:
        return read_code(text)
    except WireError as error:
        detail = f"this is not an enrolment code: {error.detail or error.reason.value}"
        raise EnrolFailed(EnrolProblem.BAD_CODE, detail) from error


async def _hold(answer: EnrolAnswer, code: EnrolmentCode, holdings: Holdings) -> None:
    """Believe and store trust, assignment and policies, in this order."""
    for raw in (answer.trust, answer.assignment, *answer.policies):
        await holdings.offer(parse(raw), raw, None)
    if code.area not in holdings.assignment.chain:
        raise EnrolFailed(EnrolProblem.BAD_ANSWER, "the controller put it into another commune")


def _said(status: int, body: bytes) -> str:
    """The controller's own sentence, or its status."""
    try:
        message = json.loads(body)["error"]["message"]
    except (ValueError, KeyError, TypeError):
        return f"the controller answered with status {status}"
    return f"the controller refused the code: {message}"
