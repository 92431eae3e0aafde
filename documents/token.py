"""Signing with a key that never leaves its token: a smart card, a USB stick or an HSM, through PKCS#11.

Imported only where the settings name one: it needs the package python-pkcs11 (the extra `pkcs11`).
"""

from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from documents.signatory import NoSignatory, Signatory

if TYPE_CHECKING:
    from pkcs11 import Session

try:
    from pkcs11.exceptions import NoSuchToken, PinIncorrect, PinLocked, PKCS11Error, UserAlreadyLoggedIn
    from pyhanko.config.pkcs11 import TokenCriteria
    from pyhanko.sign.pkcs11 import PKCS11Signer, open_pkcs11_session
except ImportError as error:
    raise NoSignatory(
        "signing with a token needs python-pkcs11: install the requirements with the extra pkcs11"
    ) from error


@dataclass(frozen=True, slots=True)
class Token:
    """Where the key is: the maker's PKCS#11 library, the token's label, the label of key and certificate on it."""

    library: Path
    token: str
    label: str
    pin: str = field(repr=False)


class _Signer(PKCS11Signer):
    """What the token refuses is said as for every other key: a card that was pulled out is put in again."""

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        """The bytes of a signature. Raises NoSignatory."""
        try:
            signature: bytes = await super().async_sign_raw(data, digest_algorithm, dry_run)
        except PKCS11Error as error:
            # A token has few sessions, and whoever opens it anew has to sign in anew.
            with suppress(PKCS11Error):
                self.pkcs11_session.close()
            raise NoSignatory(f"the token does not sign: {type(error).__name__}") from None
        return signature


def check_token(token: Token) -> None:
    """Raises NoSignatory where the token, its key or its certificate cannot be used."""
    signatory = open_token(token)
    assert isinstance(signatory.signer, _Signer)
    signatory.signer.pkcs11_session.close()


def open_token(token: Token) -> Signatory:
    """The signatory of a token, signed in with its PIN; the other certificates on it go along. Raises NoSignatory."""
    session = _session(token)
    # `None`: those above its own, which a reader of the paper has perhaps not.
    signer = _Signer(session, cert_label=token.label, key_label=token.label, other_certs_to_pull=None)
    try:
        # Now, and not with the first paper: so that what is not on the token is said by its label.
        if signer.signing_cert is None:
            raise PKCS11Error
    except PKCS11Error:
        session.close()
        raise NoSignatory(
            f"the token {token.token} has no private key and certificate with the label {token.label}: "
            "pkcs11-tool --list-objects --login shows what it has"
        ) from None
    return Signatory(signer, demo=False)


def _session(token: Token) -> "Session":
    named = TokenCriteria(label=token.token)
    try:
        try:
            return open_pkcs11_session(str(token.library), token_criteria=named, user_pin=token.pin)
        except UserAlreadyLoggedIn:
            # Signing in holds for a whole process: another session of ours has done so.
            return open_pkcs11_session(str(token.library), token_criteria=named)
    except PinIncorrect:
        # A token locks itself after a few wrong ones: whoever starts again and again locks it.
        raise NoSignatory(
            f"the PIN is not that of the token {token.token}: put it right before you start again"
        ) from None
    except PinLocked:
        raise NoSignatory(f"the token {token.token} is locked after wrong PINs: its officer has to unlock it") from None
    except (PKCS11Error, RuntimeError, OSError) as error:
        if not token.library.exists():
            raise NoSignatory(f"there is no PKCS#11 library at {token.library}: install the token's driver") from None
        if isinstance(error, NoSuchToken) or str(error).startswith("No token"):
            raise NoSignatory(
                f"no token with the label {token.token} is there: plug it in; pkcs11-tool --list-slots shows which are"
            ) from None
        raise NoSignatory(f"the token cannot be opened: {type(error).__name__}") from None
