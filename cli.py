"""The `khaibao` command."""

import sys
from importlib import import_module

import asyncpg
import typer

from access.keys import KeyFileError
from access.sealing import UnsealError
from commands.plain import plain
from graph.manifest import ManifestError
from models.embedded import EmbeddedPostgresError
from services.open_installation import InstallationRefused
from settings import SettingsError
from triage.protocol import ProtocolError

COMMANDS = {
    **{
        name: f"commands.{name}"
        for name in ("demo", "serve", "worker", "migrate", "replay", "schema", "policy", "lifecycle", "guide", "health")
    },
    "backup": "commands.backup",
    "restore": "commands.backup",
}
"""Each command, and the module that has it under its own name."""
GROUPS = {
    name: f"commands.{name}"
    for name in ("areas", "stations", "accounts", "keys", "protocol", "documents", "audit", "retention")
}
"""The same of those with commands of their own."""


def command_line(*names: str) -> typer.Typer:
    """The program with these commands, or with all. One alone is read in half the time that all of them take."""
    app = typer.Typer(
        name="khaibao",
        help="Residents declare, a protocol triages, the right health station hears at once.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    # With one command typer would take its name for an argument, were there no callback.
    app.callback()(_nothing)
    for name in names or (*COMMANDS, *GROUPS):
        if module := COMMANDS.get(name):
            app.command()(getattr(import_module(module), name))
        else:
            app.add_typer(getattr(import_module(GROUPS[name]), name))
    return app


def _nothing() -> None:
    """Residents declare, a protocol triages, the right health station hears at once."""


def _asked(arguments: list[str]) -> tuple[str, ...]:
    return tuple(name for name in arguments[:1] if name in COMMANDS or name in GROUPS)


def main() -> None:
    """Runs the command. Exit codes: 0 done, 1 refused or failed (one line says what to do), 2 wrong usage."""
    try:
        command_line(*_asked(sys.argv[1:]))()
    except (SettingsError, EmbeddedPostgresError, KeyFileError, InstallationRefused) as error:
        _end(str(error))
    except ManifestError as error:
        _end(f"{error}; check it with `khaibao documents check`")
    except UnsealError as error:
        _end(f"{error}: set KHAIBAO_KEY_FILE to the key that this database was written with")
    except ProtocolError as error:
        _end(f"a published protocol cannot be read by this version of the program ({error}): use a newer one")
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        _end(f"the database refuses: {error}; check KHAIBAO_DATABASE_URL and its two companions")
    except OSError as error:
        if error.filename:
            _end(f"{error.filename}: {error.strerror}; see to it and run the same command again")
        _end(f"cannot reach the database ({error}): see that it runs, and check KHAIBAO_DATABASE_URL")


def _end(line: str) -> None:
    first = " ".join(line.split())
    plain(errors=True).print(first, style="red")
    sys.exit(1)


if __name__ == "__main__":
    main()
