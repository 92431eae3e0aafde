"""Letters by SMTP."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from urllib.parse import unquote, urlsplit

import aiosmtplib
from aiosmtplib import SMTPRecipientsRefused, SMTPResponseException

from alerts.gateway import GatewayFault, MessageRefused, Text
from alerts.mail import as_mail

_SECONDS = 7.0
_PERMANENT = 500


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where letters are handed in. `tls` from the first byte on; otherwise STARTTLS, which must not be missing."""

    host: str
    port: int
    tls: bool
    plain: bool = False
    user: str | None = None
    password: str | None = field(default=None, repr=False)


def read_smtp_url(url: str) -> SmtpServer:
    """The server of smtp://user:password@host:587 (STARTTLS) or smtps://host:465; on this machine without TLS.

    Raises ValueError with one line, which quotes nothing of it.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("must be like smtp://user:password@mail.example:587") from None
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ValueError("must begin with smtp:// or smtps:// and name a server")
    tls = parts.scheme == "smtps"
    return SmtpServer(
        parts.hostname,
        port or (465 if tls else 587),
        tls,
        parts.hostname in ("localhost", "127.0.0.1", "::1") and not tls,
        unquote(parts.username) if parts.username else None,
        unquote(parts.password) if parts.password else None,
    )


class SmtpGateway:
    """Hands each letter in over a connection of its own: there are few, and a server ends idle ones anyway."""

    name = "smtp"

    def __init__(self, server: SmtpServer, sender: str) -> None:
        """`sender` is the address that letters come from."""
        self._server = server
        self._sender = sender

    async def send(self, text: Text) -> str | None:
        """Returns when the server has taken the letter. Raises MessageRefused where it never will, GatewayFault."""
        mail = as_mail(text)
        letter = EmailMessage()
        # Headers with a line break in them raise ValueError: nobody adds a header by way of an address.
        letter["From"], letter["To"], letter["Subject"] = self._sender, mail.to, mail.subject
        letter["Date"] = format_datetime(datetime.now(UTC))
        # The same at each try, so that a reader shows a repeat after a crash as one.
        letter["Message-ID"] = f"<{mail.id}@{self._sender.rpartition('@')[2] or make_msgid()}>"
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(mail.body)
        if (file := mail.attached) is not None:
            major, _, minor = file.kind.partition("/")
            letter.add_attachment(file.data, maintype=major, subtype=minor, filename=file.name)
        server = self._server
        try:
            await aiosmtplib.send(
                letter,
                hostname=server.host,
                port=server.port,
                username=server.user,
                password=server.password,
                use_tls=server.tls,
                # STARTTLS is demanded and not only tried: who takes it out of the answer must not read the letter.
                start_tls=not (server.tls or server.plain),
                timeout=_SECONDS,
            )
        except SMTPRecipientsRefused as refused:
            code = max((one.code for one in refused.recipients), default=0)
            raise _fault(code) from None
        except SMTPResponseException as refused:
            # A 5xx of the greeting or of signing in is the server's own trouble; only of a letter it is final.
            raise GatewayFault(f"SMTP_{refused.code}") from None
        return None

    async def close(self) -> None:
        """Nothing is kept open."""


def _fault(code: int) -> Exception:
    return MessageRefused(f"SMTP_{code}") if code >= _PERMANENT else GatewayFault(f"SMTP_{code}")
