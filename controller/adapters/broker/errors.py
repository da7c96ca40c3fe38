"""Errors of the broker adapters: one stable code for log and screen."""

from enum import StrEnum


class BrokerProblem(StrEnum):
    """What is wrong with the broker."""

    PORT_IN_USE = "broker_port_in_use"
    ADDRESS_REFUSED = "broker_address_refused"
    PROGRAM_MISSING = "broker_program_missing"
    DID_NOT_START = "broker_did_not_start"
    NOT_RUNNING = "broker_not_running"
    NO_ANSWER = "broker_no_answer"
    REFUSED = "broker_refused"


class BrokerError(Exception):
    """The broker cannot do what was asked; `problem` is the stable code."""

    def __init__(self, problem: BrokerProblem, detail: str) -> None:
        super().__init__(f"{problem.value}: {detail}")
        self.problem = problem
        self.detail = detail
