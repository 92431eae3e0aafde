"""Triage: the clinical rules as data, and the pure functions that judge a report by them.

Nothing here knows a database, a clock or a network; only the standard library is imported. A rule lives in a protocol
file under `protocols/`, never in code, so that a change of rule or a second disease is a file and not a release.
"""
