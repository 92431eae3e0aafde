"""The eleven days of March 2022 again: invented people, and clients that live through them over the public API.

Nothing here knows how a report is judged: who is severe or high-risk is drawn, so that a replay proves the triage.
"""
