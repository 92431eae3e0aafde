"""The advisory locks of the database, each with one meaning in the whole system."""

MIGRATION_LOCK = 0x6B68_6169_0001
"""Held for a session while migrations run: of two processes that start at once, one waits."""

NUMBERING_LOCK = 0x6B68_6169_0002
"""Exclusive while areas are numbered anew; shared by every transaction that writes an `area_no` it has read before."""

ALERT_LOG_LOCK = 0x6B68_6169_0003
"""Taken last before an alert event gets its number, and held until commit: so numbers appear in their order."""

AUDIT_CHAIN_LOCK = 0x6B68_6169_0004
"""Tried before links are added to the audit's chain, and held until commit: of several processes one seals."""

SIGNING_KEY_LOCK = 0x6B68_6169_0006
"""Held while the keys of access tokens are looked through: of two processes that miss one, one makes it."""

RETENTION_LOCK = 0x6B68_6169_0005
"""Tried before old cases are made anonymous, and held until commit: of several processes one does it."""

PERSON_LOCK = 0x6B68_6169
"""First half of a pair whose second is from a person's hash: two reports of one person take turns."""

PHONE_LOCK = 0x6B68_616A
"""First half of a pair whose second is from a phone's hash: asking for a code and trying one take turns."""
