"""The guide's story happens as it is told: every operation in it, in its order, on a real server.

With KHAIBAO_GUIDE_WRITE set what is answered is written down anew, for `khaibao guide --write` to print.
"""

import os
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from graph.guide.steps import ANSWERS, Step, answers, chapters
from models.embedded import EmbeddedPostgres
from tests.acceptance.client import Api
from tests.acceptance.conftest import PASSWORD, sign_in
from tests.acceptance.story import Story, telling, until

PHONE = "+84912345601"
_SECRET = ("token", "refreshToken")


@pytest.fixture
async def story(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Story]:
    """A fresh installation."""
    async with telling(postgres, tmp_path_factory, "guide") as story:
        yield story


async def test_the_guide_tells_what_happens(story: Story) -> None:
    kept: dict[str, Any] = {"password": PASSWORD}
    for name in ("colleague", "committee"):
        kept[name] = await sign_in(story.api, name)
    told = answers()
    written: dict[str, Any] = {}
    for chapter in chapters():
        for step in chapter.steps:
            if "sms_code" in step.places:
                kept["sms_code"] = (await until(lambda: story._codes_beyond(PHONE, 0)))[-1]
            api = story.api if step.user == "anybody" else story.api.acting(kept[step.user])
            data = await _asked(api, step, step.filled(kept))
            kept |= {name: _at(data, path) for name, path in step.keep.items()}
            written[step.title] = _shown(data)
    if os.environ.get("KHAIBAO_GUIDE_WRITE"):
        ANSWERS.write_bytes(orjson.dumps(written, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
        return
    assert list(told) == list(written)
    for title, data in written.items():
        assert _shape(data) == _shape(told[title]), title


async def _asked(api: Api, step: Step, variables: dict[str, Any]) -> Any:
    if not step.live:
        return await api.data(step.query, variables, accept_language="en")
    async with api.socket() as socket:
        await socket.subscribe("guide", step.query, variables)
        return await socket.next("guide")


def _at(data: Any, path: str) -> Any:
    for part in path.split("."):
        data = data[int(part)] if part.isdigit() else data[part]
    return data


def _shown(data: Any) -> Any:
    """The answer without what nobody should copy from a page."""
    if isinstance(data, dict):
        return {name: "eyJ…" if name in _SECRET and value else _shown(value) for name, value in data.items()}
    return [_shown(one) for one in data] if isinstance(data, list) else data


def _shape(data: Any) -> Any:
    """Which fields there are, of which kinds, and what the answer is: not what differs from run to run."""
    if isinstance(data, dict):
        return {name: value if name == "__typename" else _shape(value) for name, value in data.items()}
    if isinstance(data, list):
        return [_shape(one) for one in data]
    return type(data).__name__
