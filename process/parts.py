"""From settings to the parts that a runtime is built of. Nothing here opens a connection."""

import os
from collections.abc import Sequence
from pathlib import Path
from socket import gethostname
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from access.keys import KeyRing, keys_from, load_keys
from access.provider import Provider
from alerts.console_gateway import ConsoleGateway
from alerts.console_mail import ConsoleMailGateway
from alerts.gateway import Gateway
from alerts.gateways import Gateways
from alerts.http_gateway import DEFAULT_TEMPLATE, BadTemplate, HttpGateway, read_template
from alerts.kannel_gateway import KannelGateway
from alerts.smtp_gateway import SmtpGateway, read_smtp_url
from alerts.wording import Detail, Wording
from clock import Clock
from documents.press import Press
from documents.signatory import NoSignatory, Signatory
from message_settings import listed
from models.database import DatabaseUrls
from services.limit_memory import MemoryCounters
from services.limit_redis import RedisCounters
from services.limit_rules import Rule, changed_bounds
from services.limit_table import TableCounters
from services.protocols import Protocols
from settings import PREFIX, Settings, SettingsError
from storage.object_store import ObjectStore, StoreUnavailable, open_store
from telemetry.doing import Tracer
from telemetry.meters import Meters
from triage.protocol import Protocol

if TYPE_CHECKING:
    from telemetry.otlp import OtlpTracer


class NotMigrated(Exception):
    """The database has not the tables that this program needs."""


def check_parts(settings: Settings) -> None:
    """Looks at what else makes of the settings only once it serves. Raises SettingsError.

    For whoever starts processes: there each of them would say it, in the middle of its start.
    """
    bounds(settings.limits)
    _template(settings.http_sms_template or DEFAULT_TEMPLATE)
    press(settings).close()
    if settings.otlp_endpoint is not None:
        _otlp_tracer()


def database_urls(settings: Settings) -> DatabaseUrls:
    """The three logins of the settings. Raises NotMigrated where there is no database yet."""
    if settings.database_url is None:
        raise NotMigrated(
            "there is no database: start with `khaibao serve`, which brings one, or set KHAIBAO_DATABASE_URL"
        )
    service = settings.service_url or settings.database_url
    owner = settings.owner_url or settings.database_url
    return DatabaseUrls(settings.database_url, service, owner, settings.replica_url)


def gateways(
    settings: Settings, ring: KeyRing, clock: Clock, meters: Meters | None = None, traced: Tracer | None = None
) -> Gateways:
    """What carries text messages, in the order of the settings. Raises SettingsError."""

    def made(name: str) -> Gateway:
        match name:
            case "http":
                return HttpGateway(
                    settings.http_sms_url or "",
                    _template(settings.http_sms_template or DEFAULT_TEMPLATE),
                    secret=settings.http_sms_secret,
                    authorization=settings.http_sms_authorization,
                )
            case "kannel":
                return KannelGateway(
                    settings.kannel_url or "",
                    settings.kannel_user or "",
                    settings.kannel_password or "",
                    sender=settings.kannel_sender,
                    receipt_url=settings.kannel_receipt_url,
                    keys=ring,
                )
            case _:
                return ConsoleGateway(settings.sms_log_path, clock.now)

    return Gateways([made(name) for name in listed(settings.sms_gateways)], meters=meters, tracer=traced)


def mail(settings: Settings, meters: Meters | None = None, traced: Tracer | None = None) -> Gateways:
    """What carries e-mail: the server of the settings, or a folder."""
    if settings.smtp_url is None or settings.mail_from is None:
        return Gateways([ConsoleMailGateway(settings.mail_path)], meters=meters, tracer=traced)
    smtp = SmtpGateway(read_smtp_url(settings.smtp_url), settings.mail_from)
    return Gateways([smtp], meters=meters, tracer=traced)


def press(settings: Settings) -> Press:
    """What typesets certificates and signs them. Raises SettingsError where the department's own key is not to be used.

    The demo authority is made when the first certificate is.
    """
    if settings.signing_pkcs11 is not None:
        return _token_press(settings)
    if settings.signing_pkcs12 is None:
        return Press(lambda: _demo_signatory(settings.demo_authority_path))
    # Here and not above, as what it needs takes a quarter of a second to read.
    from documents.authority import open_signatory

    try:
        signatory = open_signatory(settings.signing_pkcs12, settings.signing_password)
    except NoSignatory as error:
        raise SettingsError(f"{PREFIX}SIGNING_PKCS12: {error}") from None
    return Press(lambda: signatory)


def _demo_signatory(file: Path) -> Signatory:
    from documents.authority import demo_signatory

    return demo_signatory(file)


def _token_press(settings: Settings) -> Press:
    """What signs with a token: looked for now, so that whoever starts without it is told, and opened when it signs."""
    needed = {"TOKEN": settings.signing_token, "LABEL": settings.signing_label, "PIN": settings.signing_pin}
    if missing := [f"{PREFIX}SIGNING_{name}" for name, value in needed.items() if not value]:
        raise SettingsError(f"{PREFIX}SIGNING_PKCS11: set {', '.join(missing)} as well")
    if settings.signing_pkcs12 is not None:
        raise SettingsError(
            f"{PREFIX}SIGNING_PKCS11: the file of {PREFIX}SIGNING_PKCS12 signs already; keep one of them"
        )
    try:
        # Here and not above: without a token it is not needed, and its package may not be there.
        from documents.token import Token, check_token, open_token

        token = Token(settings.signing_pkcs11 or Path(), *(value or "" for value in needed.values()))
        check_token(token)
    except NoSignatory as error:
        raise SettingsError(f"{PREFIX}SIGNING_PKCS11: {error}") from None
    return Press(lambda: open_token(token))


def _template(text: str) -> object:
    try:
        return read_template(text)
    except BadTemplate as error:
        raise SettingsError(f"{PREFIX}HTTP_SMS_TEMPLATE: {error}") from None


def tracer(settings: Settings) -> Tracer | None:
    """What begins traces, where the settings name a collector. Raises SettingsError without OpenTelemetry."""
    if settings.otlp_endpoint is None:
        return None
    return _otlp_tracer()(settings.otlp_endpoint, settings.otlp_kept, f"{gethostname()}:{os.getpid()}")


def _otlp_tracer() -> type["OtlpTracer"]:
    try:
        # Here and not above: without an endpoint it is not needed, and takes a tenth of a second and some megabytes.
        from telemetry.otlp import OtlpTracer
    except ImportError:
        raise SettingsError(
            f"{PREFIX}OTLP_ENDPOINT: traces need OpenTelemetry; install the requirements with the extra otel"
        ) from None
    return OtlpTracer


def wording(settings: Settings) -> Wording:
    """In which language and with how much of a person a message speaks."""
    detail = frozenset(Detail(name) for name in listed(settings.sms_detail))
    return Wording(settings.sms_language, settings.sms_accents, detail, settings.public_url)


def counters(broadcast_url: str) -> MemoryCounters | RedisCounters | TableCounters:
    """Where tries are counted: in memory for one process, else where all of them see it."""
    match urlsplit(broadcast_url).scheme:
        case "memory":
            return MemoryCounters()
        case "redis" | "rediss":
            return RedisCounters(broadcast_url)
        case _:
            return TableCounters()


def bounds(text: str) -> dict[Rule, str]:
    """The limits that the settings put in place of ours. Raises SettingsError."""
    try:
        return changed_bounds(text)
    except ValueError as error:
        raise SettingsError(f"{PREFIX}LIMITS: {error}") from None


def protocols(known: Sequence[Protocol], settings: Settings) -> Protocols:
    """The protocols that are known, one of them pinned where the settings say so. Raises SettingsError."""
    try:
        return Protocols(known, settings.protocol_pin)
    except LookupError:
        there = ", ".join(sorted(one.version for one in known))
        raise SettingsError(f"{PREFIX}PROTOCOL_PIN: {settings.protocol_pin} is none of {there}") from None


def objects(settings: Settings) -> ObjectStore:
    """Where photos and certificates lie. Raises SettingsError where it cannot be opened."""
    try:
        return open_store(settings.object_store_url, settings.object_dir)
    except StoreUnavailable as error:
        raise SettingsError(f"{PREFIX}OBJECT_STORE_URL: {error}") from None


def provider(settings: Settings) -> Provider | None:
    """Who else may say who somebody is, if the settings name one."""
    if settings.oidc_issuer is None or settings.oidc_audience is None:
        return None
    return Provider(settings.oidc_issuer, settings.oidc_audience, settings.oidc_claim, settings.oidc_factor)


def key_ring(settings: Settings) -> KeyRing:
    """The keys that the settings give or name. Raises KeyFileError."""
    return load_keys(settings.key_path) if settings.keys is None else keys_from(settings.keys)
