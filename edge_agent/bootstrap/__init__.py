"""Joins ports to adapters: the one place that knows both.

Each command loads its own half only: a running terminal never pays for what enrolment needs.
"""
