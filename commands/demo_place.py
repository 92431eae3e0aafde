"""The demo's own folder: its database, its key, its log, and the password that its accounts share."""

import os
import secrets
import shutil
from pathlib import Path

from settings import Settings


class PlaceUnusable(Exception):
    """The demo's folder cannot be made or written to; the text is one line that says what to do."""


# PostgreSQL writes its log in files of 16 MiB: with less it stops.
_LITTLE = 20 * 1024 * 1024
_THIS_MACHINE = "127.0.0.0/8,::1"
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def demo_settings(settings: Settings) -> Settings:
    """The settings of a demo: a folder and a database of its own beside the real ones, judged as March 2022 was."""
    return settings.model_copy(
        update={
            "data_dir": settings.data_dir / "demo",
            "key_file": None,
            "keys": None,
            "mode": "demo",
            "disease": "covid19",
            "timezone": "Asia/Ho_Chi_Minh",
            "protocol_pin": "covid19-hcmc-2022-03-17",
            "allow_unverified_declare": True,
            # Its people are invented and their numbers may be somebody's: nothing of a demo reaches a phone.
            "sms_gateways": "console",
            "second_factor": "off",
            # The replay on this machine says for each of its people where they seem to come from.
            "trusted_proxies": ",".join(filter(None, (settings.trusted_proxies, _THIS_MACHINE))),
        }
    )


def log_file(place: Settings) -> Path:
    """Where the demo's server writes its log."""
    return place.data_dir / "server.log"


def demo_password(place: Settings) -> str:
    """The password of every demo account: made once for this folder, and the same at the next start.

    It guards invented people only, and is printed. Raises PlaceUnusable.
    """
    found = _read(place)
    if found:
        return found
    made = "demo-" + "".join(secrets.choice(_ALPHABET) for _ in range(12))
    try:
        place.data_dir.mkdir(parents=True, exist_ok=True)
        file = os.open(_file(place), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(file, "w", encoding="ascii") as opened:
            opened.write(made + "\n")
    except OSError as error:
        raise PlaceUnusable(
            f"cannot write to the folder {place.data_dir} ({error.strerror}): "
            "free some room there, or set KHAIBAO_DATA_DIR to a folder of yours"
        ) from error
    return made


def full_disk(place: Settings) -> str | None:
    """What to say where the demo's disk is full, which shows itself as a server that does not answer; else None."""
    try:
        free = shutil.disk_usage(place.data_dir).free
    except OSError:
        return None
    if free >= _LITTLE:
        return None
    return (
        f"the disk under {place.data_dir} is full: free some room, or set KHAIBAO_DATA_DIR to a folder on another disk"
    )


def remembered(settings: Settings) -> str | None:
    """The password of the demo that was last started with these settings, if one was."""
    return _read(settings) or _read(demo_settings(settings))


def _read(place: Settings) -> str | None:
    try:
        return _file(place).read_text(encoding="ascii").strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def _file(place: Settings) -> Path:
    return place.data_dir / "demo-password"
