"""The command line as a person meets it: what it says where something is in the way, and how it ends."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from cli import command_line

ROOT = Path(__file__).parents[2]
PROTOCOL = ROOT / "triage" / "protocols" / "covid19-hcmc-2022-03-17.toml"

Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]


@pytest.fixture
def khaibao(tmp_path: Path) -> Run:
    """Runs a command in a process of its own, with a data folder of its own."""

    def run(*arguments: str | Path, given: str = "", **settings: str) -> Done:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("KHAIBAO_")}
        return subprocess.run(
            [sys.executable, "-m", "cli", *map(str, arguments)],
            cwd=ROOT,
            env={**inherited, "KHAIBAO_DATA_DIR": str(tmp_path / "data"), "COLUMNS": "200", **settings},
            input=given,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )

    return run


def refused(done: Done, *words: str) -> bool:
    """Whether it ended with exit code 1 and one line that holds these words."""
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    return all(word in done.stderr for word in words)


@pytest.mark.parametrize("command", ["demo", "serve"])
def test_a_port_in_use_is_one_line_with_another_port(khaibao: Run, command: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert refused(khaibao(command, "--port", port), f"port {port} on 127.0.0.1 is in use", "--port")


def test_a_report_in_a_folder_that_is_missing_is_refused_before_anything_starts(khaibao: Run, tmp_path: Path) -> None:
    assert refused(khaibao("demo", "--report", tmp_path / "none" / "report.json"), "does not exist", "make it")
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("command", [("demo", "--no-stay"), ("serve",), ("accounts", "list")])
def test_a_file_where_the_data_folder_should_be_is_one_line(
    khaibao: Run, tmp_path: Path, command: tuple[str, ...]
) -> None:
    (tmp_path / "data").write_text("in the way")
    assert refused(khaibao(*command), "KHAIBAO_DATA_DIR")


def test_a_misspelt_setting_is_named_with_the_right_one(khaibao: Run) -> None:
    assert refused(khaibao("accounts", "list", KHAIBAO_PROT="1"), "KHAIBAO_PROT", "KHAIBAO_PORT")


def test_a_database_that_is_not_there_is_one_line(khaibao: Run) -> None:
    done = khaibao("accounts", "list", KHAIBAO_DATABASE_URL="postgres://nobody@127.0.0.1:1/none")
    assert refused(done, "cannot reach the database", "KHAIBAO_DATABASE_URL")


def test_a_replay_wants_a_demo_that_answers(khaibao: Run) -> None:
    assert refused(khaibao("replay", "--password", "x", "--url", "http://127.0.0.1:9"), "no khaibao answers")
    assert refused(khaibao("replay", "--password", "x", "--url", "nonsense"), "write it like http://")
    assert refused(khaibao("replay"), "--password")


def test_health_of_nobody_is_not_ready(khaibao: Run) -> None:
    assert refused(khaibao("health", "--url", "http://127.0.0.1:9"), "nobody answers")
    done = khaibao("health", "--url", "http://127.0.0.1:9", "--json")
    assert (done.returncode, orjson.loads(done.stdout)["status"]) == (1, "silent")


@pytest.mark.parametrize(
    "arguments",
    [(), ("nonsense",), ("demo", "--declarations", "0"), ("serve", "--port", "70000"), ("protocol", "trial", "x.toml")],
)
def test_wrong_usage_is_exit_code_2(arguments: tuple[str, ...]) -> None:
    assert CliRunner().invoke(command_line(), arguments).exit_code == 2


@pytest.mark.parametrize(
    "command",
    [
        (),
        *((name,) for name in ("demo", "serve", "migrate", "replay", "schema", "health")),
        *(("accounts", name) for name in ("add", "import", "list", "disable", "enable")),
        *(("accounts", name) for name in ("password", "second-factor-off")),
        *(("protocol", name) for name in ("list", "check", "publish", "trial")),
        *(("areas", name) for name in ("import", "change", "list")),
        ("stations", "import"),
    ],
)
def test_every_command_explains_itself(command: tuple[str, ...]) -> None:
    done = CliRunner().invoke(command_line(), [*command, "--help"])
    assert done.exit_code == 0
    assert "Usage" in done.output


def test_a_sound_protocol_is_sound_and_a_faulty_one_has_line_and_reason(khaibao: Run, tmp_path: Path) -> None:
    assert "is sound" in khaibao("protocol", "check", PROTOCOL).stdout
    faulty = tmp_path / "faulty.toml"
    faulty.write_text(PROTOCOL.read_text("utf-8").replace("retention_days", "retention"), "utf-8")
    done = khaibao("protocol", "check", faulty)
    assert done.returncode == 1
    assert "faulty.toml:" in done.stderr
    findings = orjson.loads(khaibao("protocol", "check", faulty, "--json").stdout)["findings"]
    assert {finding["code"] for finding in findings} == {"MISSING_KEY", "UNKNOWN_KEY"}


def test_accounts_live_through_their_life_on_an_embedded_database(khaibao: Run) -> None:
    assert khaibao("migrate").returncode == 0
    assert khaibao("migrate").stdout == "nothing to do\n"
    assert "335 areas added" in khaibao("areas", "import", "data/areas-hcmc-2022-03.csv").stdout
    new = ("accounts", "add", "Committee", "--role", "committee", "--area", "79", "--name", "Ban [/1] :x:")
    assert refused(khaibao(*new, "--password-stdin", given="short\n"), "at least 12 characters")
    assert refused(khaibao(*new), "--password-stdin")
    done = khaibao(*new, "--password-stdin", "--json", given="a long enough password\n")
    assert orjson.loads(done.stdout)["username"] == "committee"
    assert refused(khaibao(*new, "--password-stdin", given="a long enough password\n"), "choose another")
    assert khaibao("accounts", "password", "committee", "--password-stdin", given="another password\n").returncode == 0
    # As it is, and not as a style or a picture.
    assert "Ban [/1] :x:" in khaibao("accounts", "list").stdout
    assert khaibao("accounts", "disable", "committee").returncode == 0
    assert refused(khaibao("accounts", "disable", "nobody"), "no account of that name")
    [listed] = orjson.loads(khaibao("accounts", "list", "--json").stdout)
    assert listed["disabled_at"] is not None
    assert khaibao("accounts", "enable", "committee").stdout == "committee may sign in again\n"
    assert "0 open sessions" in khaibao("accounts", "second-factor-off", "committee").stdout
    assert refused(khaibao("accounts", "second-factor-off", "nobody"), "no account of that name")


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("LIMITS", "declare_by_phone=lots", "30 per 1 hour"),
        ("SIGNING_PKCS12", "/none", "/none"),
        ("HTTP_SMS_TEMPLATE", "{", "HTTP_SMS_TEMPLATE"),
        ("PROTOCOL_PIN", "none", "covid19-hcmc-2022-03-17"),
    ],
)
def test_a_setting_that_is_wrong_is_one_line_before_anything_is_served(
    khaibao: Run, name: str, value: str, says: str
) -> None:
    assert refused(khaibao("serve", **{f"KHAIBAO_{name}": value}), f"KHAIBAO_{name}: ", says)


def test_a_file_of_accounts_is_imported_with_first_passwords_that_only_its_owner_can_read(
    khaibao: Run, tmp_path: Path
) -> None:
    khaibao("areas", "import", "data/areas-hcmc-2022-03.csv")
    khaibao("stations", "import", "data/stations-hcmc-2022.csv")
    passwords = tmp_path / "first.csv"
    take = ("accounts", "import", "data/accounts-sample.csv", "--passwords", passwords)
    passwords.write_text("somebody's\n")
    assert refused(khaibao(*take), "is there already", "--passwords")
    assert orjson.loads(khaibao("accounts", "list", "--json").stdout) == []
    passwords.unlink()
    done = khaibao(*take)
    assert "5 accounts added, 0 were there already" in done.stdout, done.stderr
    assert passwords.stat().st_mode & 0o777 == 0o600
    handed_over = [line.split(",")[-1] for line in passwords.read_text("utf-8").splitlines()[1:]]
    assert len(set(handed_over)) == 5
    assert not any(password in done.stdout + done.stderr for password in handed_over)
    passwords.unlink()
    assert "0 accounts added, 5 were there already" in khaibao(*take).stdout
    assert not passwords.exists()


def test_a_file_of_accounts_with_faults_adds_nobody_and_names_every_line(khaibao: Run, tmp_path: Path) -> None:
    file = tmp_path / "accounts.csv"
    file.write_text("username,display_name,role,area\nlan,Lan,director,79\nhoa,,committee,98765\n", "utf-8")
    done = khaibao("accounts", "import", file, "--passwords", tmp_path / "first.csv")
    assert done.returncode == 1
    assert [line.partition(":")[0] for line in done.stderr.splitlines()] == [
        *("line 2, column role", "line 3, column display_name", "line 3, column area"),
        "3 faults, nothing was changed; put them right and run the same command again",
    ]
    assert not (tmp_path / "first.csv").exists()


def test_a_demos_database_is_not_served_as_a_production(khaibao: Run) -> None:
    assert khaibao("accounts", "list", KHAIBAO_MODE="demo").returncode == 0
    done = khaibao("protocol", "list", "--json", KHAIBAO_MODE="test")
    assert {one["version"] for one in orjson.loads(done.stdout)} >= {"covid19-hcmc-2022-03-17"}
