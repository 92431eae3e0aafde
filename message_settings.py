"""The settings of text messages: which gateways, what is said, and to whom."""

import re
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_settings import BaseSettings

GATEWAYS = ("console", "http", "kannel")
DETAILS = ("code", "ward", "danger", "link", "name", "phone")

_LOCAL = ("localhost", "127.0.0.1", "::1")


def _one_of(known: tuple[str, ...], *, least: int) -> AfterValidator:
    def check(text: str) -> str:
        names = listed(text)
        for name in names:
            if name not in known:
                raise ValueError(f"{name} is none of {', '.join(known)}")
        if len(names) < least or len(set(names)) < len(names):
            raise ValueError(f"takes {', '.join(known)}: each once, with commas between them")
        return text

    return AfterValidator(check)


def _absolute(path: Path) -> Path:
    return path.expanduser().absolute()


def _empty_is_unset(value: Any) -> Any:
    return None if value == "" else value


def _web(url: str | None) -> str | None:
    parts = urlsplit(url or "")
    if url and not (parts.scheme in ("http", "https") and parts.hostname):
        raise ValueError("must begin with https:// or http://")
    return url


def _smtp(url: str | None) -> str | None:
    if url:
        try:
            parts = urlsplit(url)
            _ = parts.port
        except ValueError:
            raise ValueError("must be like smtp://user:password@mail.example:587") from None
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError("must begin with smtp:// or smtps:// and name a server")
    return url


def _address(text: str | None) -> str | None:
    if text and not re.fullmatch(r"[^@\s<>,;]+@[^@\s<>,;]+", text):
        raise ValueError("must be an e-mail address, such as khaibao@example.vn")
    return text


def listed(text: str) -> list[str]:
    """The names in a list with commas."""
    return [name.strip() for name in text.split(",") if name.strip()]


def in_the_open(url: str) -> bool:
    """Whether numbers and texts would go there unprotected, over more than this machine's own wire."""
    parts = urlsplit(url)
    return parts.scheme == "http" and parts.hostname not in _LOCAL


_Url = Annotated[str | None, BeforeValidator(_empty_is_unset), AfterValidator(_web)]
# Kept out of repr(), which ends up in a log.
_Secret = Annotated[str | None, BeforeValidator(_empty_is_unset), Field(repr=False)]
_Name = Annotated[str | None, BeforeValidator(_empty_is_unset)]


_Smtp = Annotated[str | None, BeforeValidator(_empty_is_unset), AfterValidator(_smtp)]
_Address = Annotated[str | None, BeforeValidator(_empty_is_unset), AfterValidator(_address)]


class MessageSettings(BaseSettings):
    """A part of the installation's settings; `settings.Settings` is all of them."""

    sms_gateways: Annotated[str, _one_of(GATEWAYS, least=1)] = "console"
    """What takes text messages, the preferred one first: console (a file), http, kannel."""
    sms_log: Annotated[Path | None, AfterValidator(lambda path: path and _absolute(path))] = None
    """The file that the gateway console writes to; `sms.log` in `data_dir` by default."""
    sms_residents: bool | None = None
    """Whether residents are told what became of a declaration; by default in production, and not in a demo or test."""
    sms_language: Literal["vi", "en"] = "vi"
    """The language of text messages."""
    sms_accents: bool = False
    """Whether texts keep their accents: then most are charged as two messages."""
    sms_detail: Annotated[str, _one_of(DETAILS, least=0)] = "code,ward,danger,link"
    """What a text may say of a person and a declaration: any of code, ward, danger, link, name, phone."""
    smtp_url: _Smtp = Field(default=None, repr=False)
    """What takes e-mail, such as smtp://user:password@mail.example:587 or smtps://...; unset, a folder does."""
    mail_from: _Address = None
    """The address that e-mail comes from."""
    mail_dir: Annotated[Path | None, AfterValidator(lambda path: path and _absolute(path))] = None
    """The folder that e-mail goes to where no server is named; `mail` in `data_dir` by default."""
    public_url: _Url = None
    """Where people open what a text tells of; unset, texts have no link."""
    sms_plain_http: bool = False
    """Whether a gateway on another machine may be spoken to without TLS."""

    http_sms_url: _Url = Field(default=None, repr=False)
    """Where the gateway http posts to."""
    http_sms_template: _Name = None
    """The JSON that it posts, with {id}, {to} and {text} within strings."""
    http_sms_secret: _Secret = None
    """Signs what it posts, and what is reported to /sms/http/receipt."""
    http_sms_authorization: _Secret = None
    """The value of its header Authorization."""

    kannel_url: _Url = Field(default=None, repr=False)
    """Kannel's sendsms, such as http://localhost:13013/cgi-bin/sendsms."""
    kannel_user: _Name = None
    """The user of sendsms."""
    kannel_password: _Secret = None
    """That user's password."""
    kannel_sender: _Name = None
    """The number or name that messages come from."""
    kannel_receipt_url: _Url = None
    """This installation's /sms/kannel/receipt as Kannel reaches it; unset, no delivery reports are asked for."""


def faults(settings: MessageSettings) -> list[str]:
    """What does not go together, each as a line that names the variable without its prefix."""
    named = listed(settings.sms_gateways)
    needs = {
        "http": ("http_sms_url",),
        "kannel": ("kannel_url", "kannel_user", "kannel_password"),
    }
    missing = [
        f"SMS_GATEWAYS: {gateway} also needs KHAIBAO_{name.upper()}"
        for gateway in named
        for name in needs.get(gateway, ())
        if getattr(settings, name) is None
    ]
    open_lines = [
        f"{name.upper()}: must begin with https:// (http:// only for this machine, or with KHAIBAO_SMS_PLAIN_HTTP=true)"
        for name in ("http_sms_url", "kannel_url")
        if (url := getattr(settings, name)) and in_the_open(url) and not settings.sms_plain_http
    ]
    unnamed = ["SMTP_URL: also needs KHAIBAO_MAIL_FROM"] if settings.smtp_url and not settings.mail_from else []
    return missing + open_lines + unnamed
