"""Measurements: `make bench`, or `python -m bench --help` for one of them. They speak the public API, as clients do.

A measurement says the machine, the versions, the method and its noise; docs/benchmarks.md keeps what came out.
"""
