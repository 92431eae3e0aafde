"""The file that messages go to where there is no gateway."""

import asyncio
import stat
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from alerts.console_gateway import ConsoleGateway
from alerts.gateway import Text
from models.identifier import uuid7

MOMENT = datetime(2022, 3, 18, 3, 0, tzinfo=UTC)


def gateway(file: Path) -> ConsoleGateway:
    return ConsoleGateway(file, lambda: MOMENT)


async def test_a_message_is_one_line_with_when_which_to_whom_and_what(tmp_path: Path) -> None:
    text = Text(uuid7(), "+84912345678", "Ma cua ban:\n123456 \N{MULTIPLICATION SIGN}")
    await gateway(tmp_path / "made" / "sms.log").send(text)
    (line,) = (tmp_path / "made" / "sms.log").read_bytes().splitlines()
    assert orjson.loads(line) == {
        "at": "2022-03-18T03:00:00+00:00",
        "id": str(text.id),
        "to": text.to,
        "text": text.body,
    }


@pytest.mark.parametrize("before", [None, 0o644])
async def test_only_its_owner_may_read_the_file(tmp_path: Path, before: int | None) -> None:
    file = tmp_path / "sms.log"
    if before is not None:
        file.touch(before)
    await gateway(file).send(Text(uuid7(), "+84912345678", "123456"))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_messages_sent_at_once_by_two_are_whole_lines(tmp_path: Path) -> None:
    file = tmp_path / "sms.log"
    texts = [Text(uuid7(), "+84912345678", "x" * 2000) for _ in range(40)]
    both = gateway(file), gateway(file)
    await asyncio.gather(*(both[number % 2].send(text) for number, text in enumerate(texts)))
    assert {orjson.loads(line)["id"] for line in file.read_bytes().splitlines()} == {str(text.id) for text in texts}


async def test_a_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="directory"):
        await gateway(tmp_path).send(Text(uuid7(), "+84912345678", "123456"))


def test_a_text_that_ends_up_in_a_log_shows_neither_phone_nor_code() -> None:
    shown = repr(Text(uuid7(), "+84912345678", "123456"))
    assert "+84912345678" not in shown
    assert "123456" not in shown
