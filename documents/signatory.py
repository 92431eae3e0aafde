"""Whoever signs papers, whatever their key lies in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyhanko.sign import Signer


class NoSignatory(Exception):
    """The key and certificate that papers are signed with cannot be used; the text is one line without a secret."""


@dataclass(frozen=True, slots=True)
class Signatory:
    """What signs. `demo` says that nobody outside this installation vouches for it."""

    signer: Signer = field(repr=False)
    demo: bool

    @property
    def name(self) -> str:
        """The common name in the certificate that signs."""
        own = self.signer.signing_cert
        return str(own.subject.native.get("common_name", "")) if own else ""

    @property
    def chain(self) -> list[bytes]:
        """The certificates that belong to it, its own first, in DER."""
        own = self.signer.signing_cert
        return [one.dump() for one in (own, *(one for one in self.signer.cert_registry if one != own)) if one]
