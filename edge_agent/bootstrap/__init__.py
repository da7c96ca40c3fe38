"""Joins ports to adapters: the one place that knows both."""

from edge_agent.bootstrap.doctor import examine
from edge_agent.bootstrap.identity import NotEnrolled, enrol_into, opened
from edge_agent.bootstrap.program import Program

__all__ = ["NotEnrolled", "Program", "enrol_into", "examine", "opened"]
