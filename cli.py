"""The `khaibao` command."""

import sys

import asyncpg
import typer
from rich.console import Console

from access.keys import KeyFileError
from access.sealing import UnsealError
from commands.accounts import accounts
from commands.areas import areas
from commands.audit import audit
from commands.backup import backup, restore
from commands.demo import demo
from commands.documents import documents
from commands.guide import guide
from commands.health import health
from commands.keys import keys
from commands.lifecycle import lifecycle
from commands.migrate import migrate
from commands.policy import policy
from commands.protocol import protocol
from commands.replay import replay
from commands.retention import retention
from commands.schema import schema
from commands.serve import serve
from commands.stations import stations
from commands.worker import worker
from graph.manifest import ManifestError
from models.embedded import EmbeddedPostgresError
from services.open_installation import InstallationRefused
from settings import SettingsError
from triage.protocol import ProtocolError

app = typer.Typer(
    name="khaibao",
    help="Residents declare, a protocol triages, the right health station hears at once.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (demo, serve, worker, migrate, replay, schema, policy, lifecycle, guide, health, backup, restore):
    app.command()(command)
for group in (areas, stations, accounts, keys, protocol, documents, audit, retention):
    app.add_typer(group)


def main() -> None:
    """Runs the command. Exit codes: 0 done, 1 refused or failed (one line says what to do), 2 wrong usage."""
    try:
        app()
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
    Console(stderr=True, soft_wrap=True, highlight=False).print(first, style="red", markup=False)
    sys.exit(1)


if __name__ == "__main__":
    main()
