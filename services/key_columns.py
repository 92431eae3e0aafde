"""Every column that a key of the installation has made something in, and what a rotation does about it.

A new column of that kind belongs into one of these lists: a test walks over the models and fails where one does not.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sealed:
    """A column that is sealed anew: its table, and the place's name before the row's identifier.

    With `phone` the value holds a phone number under that name, and the row's `phone_hash` is made from it.
    """

    table: str
    column: str
    place: str
    phone: bool = False


SEALED = (
    Sealed("illness_case", "identity", "case", phone=True),
    Sealed("submission", "contact", "submission", phone=True),
    Sealed("declaration", "report", "declaration"),
    Sealed("alert", "note", "alert"),
    Sealed("outbox_message", "sealed", "outbox"),
    Sealed("duty", "sealed", "duty"),
    Sealed("signing_key", "private_sealed", "signing"),
    Sealed("account", "totp_sealed", "totp"),
    Sealed("declaration", "asked", "asked"),
    Sealed("case_event", "detail", "case_event"),
    Sealed("check_in", "report", "check_in"),
    Sealed("contact_attempt", "note", "contact"),
    Sealed("dispensing", "note", "dispensing"),
    Sealed("referral", "reason", "referral"),
    Sealed("referral", "answer", "referral_answer"),
    Sealed("transfer", "reason", "transfer"),
    Sealed("evidence", "data_key", "evidence"),
    Sealed("certificate", "content", "certificate"),
    Sealed("certificate", "data_key", "certificate_key"),
    Sealed("certificate", "revoke_reason", "certificate_revoke"),
    Sealed("person_merge", "detail", "person_merge"),
)

DERIVED = frozenset({"illness_case.phone_hash", "submission.phone_hash", "person_key.hash", "case_grant.grantee"})
"""Hashes that are made again from what the sealed columns hold."""

ENDED = frozenset({"session.phone_hash", "verification.phone_hash", "verification.code_hash"})
"""Hashes whose source nobody keeps: residents' sessions and codes under way end, and the phone is proven anew."""

KEPT = {
    "check_in.body_hash": "of a request only the hash was kept; it is compared under the key that it names",
    "evidence.digest": "of an upload only the hash was kept; it is compared under the key that it names",
    "evidence.owner": "a photo that nobody has declared yet: it is its case's, or gone, within a day",
    "submission.body_hash": "of a request only the hash was kept; it is compared under the key that it names",
    "audit.why": "the audit is append only and chained; it opens with the key that it names",
    "audit.origin": "the audit is append only and chained; of an address nothing but the hash was kept",
    "audit_link.hash": "a link of the chain is checked with the key that its row names",
    "session.origin": "of an address nothing but the hash was kept; it goes with its session",
    "rate_limit.key": "a counter's window is over within hours, and under another key the counter begins anew",
}
"""What an old key has made and a rotation leaves, with the reason."""

NOT_KEYED = {
    "account.password_hash": "argon2id, with a salt of its own",
    "refresh_token.token_hash": "a plain hash: the token itself is random",
}
"""Hashes that no key of the installation has part in."""
