"""The second factor: codes of thirty seconds that an app makes from a shared secret (TOTP, RFC 6238)."""

import hmac

import pyotp

DIGITS = 6
STEP_SECONDS = 30
_WINDOW = 1
"""Steps before and after the present one that still count: clocks of phones differ, and typing takes time."""


def new_secret() -> str:
    """A secret of 160 bits, in base32 as apps take it."""
    return pyotp.random_base32()


def place(account_id: object) -> str:
    """The place at which an account's secret is sealed."""
    return f"totp:{account_id}"


def uri(secret: str, username: str) -> str:
    """The otpauth URI that an app reads from a picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name="Khai báo")


def step_of(secret: str, code: str, seconds: float) -> int | None:
    """The time step whose code this is, at `seconds` since 1970; None where it is none of those that count now."""
    typed = "".join(code.split())
    # compare_digest takes letters of ASCII only.
    if len(typed) != DIGITS or not typed.isascii():
        return None
    codes, now = pyotp.TOTP(secret), int(seconds) // STEP_SECONDS
    found = None
    for step in range(now - _WINDOW, now + _WINDOW + 1):
        if hmac.compare_digest(codes.generate_otp(step), typed):
            found = step
    return found
