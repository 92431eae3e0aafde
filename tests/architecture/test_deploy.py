"""The files in deploy/: what they name is there, and what they promise of each other fits."""

import configparser
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from cli import command_line
from process.end_in_order import STREAMS_SECONDS
from settings import PREFIX, Settings
from tests.architecture.source import ROOT

DEPLOY = ROOT / "deploy"
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file())
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
TOLD = [*FILES, ROOT / "docs" / "operations.md"]
_GRACE = 30.0


def parsed(name: str) -> list[Any]:
    """The documents of a file."""
    return list(yaml.safe_load_all((DEPLOY / name).read_text()))


def by_kind(kind: str) -> list[Any]:
    """The objects of one kind in the Kubernetes manifest."""
    return [one for one in parsed("kubernetes.yaml") if one["kind"] == kind]


def container(deployment: Any) -> Any:
    """The one container of a deployment."""
    (only,) = deployment["spec"]["template"]["spec"]["containers"]
    return only


def commands() -> list[list[str]]:
    """Every command line that the files start."""
    services = parsed("compose.yaml")[0]["services"]
    found = [service["command"] for service in services.values() if service["image"] == "khaibao"]
    found += [container(deployment)["args"] for deployment in by_kind("Deployment")]
    found += [service["healthcheck"]["test"][4:] for service in services.values() if "cli" in str(service)]
    return found + [shlex.split(unit(path)["ExecStart"].replace("%i", "8000"))[1:] for path in UNITS]


def unit(path: Path) -> Any:
    """The section of a unit that says how it runs."""
    reader = configparser.ConfigParser(interpolation=None, strict=False)
    reader.optionxform = str  # type: ignore[assignment,method-assign]  # keys of systemd have capitals
    reader.read(path)
    return reader["Service"]


@pytest.mark.parametrize("path", TOLD, ids=lambda path: path.name)
def test_every_setting_that_is_named_is_one(path: Path) -> None:
    named = set(re.findall(rf"\b{PREFIX}[A-Z0-9_]*[A-Z0-9]", path.read_text()))
    assert named <= {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}


@pytest.mark.parametrize("line", commands(), ids=" ".join)
def test_every_command_that_is_started_is_one_with_these_options(line: list[str]) -> None:
    command = typer.main.get_command(command_line()).commands[line[0]]  # type: ignore[attr-defined]  # a group's, untyped by typer
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in line[1:] if word.startswith("--")} <= known


def test_settings_of_the_files_are_taken() -> None:
    services = parsed("compose.yaml")[0]["services"]
    for given in (services["server1"]["environment"], by_kind("ConfigMap")[0]["data"]):
        values: dict[str, Any] = {
            name.removeprefix(PREFIX).lower(): re.sub(r"\$\{.*?\}", "x", value)
            for name, value in given.items()
            if value
        }
        assert Settings(**{"database_url": "postgres://x", **values}).background is False


def test_containers_ask_for_health_where_it_is() -> None:
    paths = {"/health/live", "/health/ready"}
    for deployment in by_kind("Deployment"):
        only = container(deployment)
        (port,) = only["ports"]
        assert str(port["containerPort"]) in only["args"]
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            assert only[probe]["httpGet"]["path"] in paths
            assert only[probe]["httpGet"]["port"] == port["name"]
    (service,) = by_kind("Service")
    assert service["spec"]["ports"][0]["targetPort"] == "http"
    assert "GET /health/ready" in (DEPLOY / "haproxy.cfg").read_text()


def test_the_proxy_of_compose_finds_its_servers_and_is_believed() -> None:
    services = parsed("compose.yaml")[0]["services"]
    proxy = services["haproxy"]
    for name in ("SERVER_1", "SERVER_2"):
        server, _, port = proxy["environment"][name].partition(":")
        assert services[server]["command"][-1] == port
        assert f'"${{{name}}}"' in (DEPLOY / "haproxy.cfg").read_text()
    address = proxy["networks"]["default"]["ipv4_address"]
    assert services["server1"]["environment"]["KHAIBAO_TRUSTED_PROXIES"] == address


def test_whoever_ends_a_process_waits_longer_than_it_takes() -> None:
    # Notice, streams, requests (commands/serve.py: 5 seconds), relay and the last lines of the trail.
    after_notice = STREAMS_SECONDS + 5 + 6 + 2
    services = parsed("compose.yaml")[0]["services"]
    assert float(services["server1"]["environment"]["KHAIBAO_DRAIN_SECONDS"]) + after_notice < _GRACE
    assert float(by_kind("ConfigMap")[0]["data"]["KHAIBAO_DRAIN_SECONDS"]) + after_notice < _GRACE
    assert services["server1"]["stop_grace_period"] == services["worker"]["stop_grace_period"] == "30s"
    assert {one["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] for one in by_kind("Deployment")} == {30}
    assert {unit(path)["TimeoutStopSec"] for path in UNITS} == {"30"}


def test_images_are_named_without_a_host() -> None:
    services = parsed("compose.yaml")[0]["services"].values()
    images = [service["image"] for service in services] + [container(one)["image"] for one in by_kind("Deployment")]
    base = re.findall(r"^FROM (\S+)", (DEPLOY / "Containerfile").read_text(), re.MULTILINE)
    assert [image for image in images + base if "/" in image] == []


def test_systemd_finds_nothing_to_say_of_the_units(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    for path in UNITS:
        # The programs of the units are where an installation has them, which is not here.
        text = path.read_text().replace("/opt/khaibao/.venv/bin/khaibao", "/bin/true").replace("=/opt/khaibao", "=/")
        (tmp_path / path.name).write_text(text)
        assert unit(path)["ExecStart"].startswith("/opt/khaibao/.venv/bin/khaibao ")
    if program is not None:
        names = [str(tmp_path / path.name) for path in UNITS]
        done = subprocess.run([program, "verify", *names], capture_output=True, text=True, timeout=60)
        said = [line for line in (done.stdout + done.stderr).splitlines() if "khaibao" in line]
        assert (done.returncode, said) == (0, [])
