"""A frontend's compiler knows every answer of the guide: types are made of its operations, and check a page."""

import asyncio
from pathlib import Path

import pytest

from graph.guide.page import documents
from graph.printed import FILE
from tests.clients.program import NODE, PROGRAMS, Program

pytestmark = pytest.mark.clients

TSC = PROGRAMS.parent / "node_modules" / "typescript" / "bin" / "tsc"
PAGE = PROGRAMS.parent / "typed" / "page.ts"


@pytest.fixture(scope="module")
async def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the types of the schema and of the guide's operations."""
    folder, operations = tmp_path_factory.mktemp("typed"), tmp_path_factory.mktemp("operations")
    for name, text in documents().items():
        (operations / name).write_text(text)
    async with Program.running("types", schema=str(FILE), operations=str(operations), folder=str(folder)) as program:
        assert await program.next("types") > 10_000
    return folder


async def complaints(page: Path) -> str:
    """What the compiler says of a page."""
    asked = ("--strict", "--noEmit", "--target", "es2022", "--module", "esnext", "--moduleResolution", "bundler")
    process = await asyncio.create_subprocess_exec(NODE, TSC, *asked, page, stdout=asyncio.subprocess.PIPE)
    said, _ = await process.communicate()
    return said.decode()


async def test_a_page_that_treats_every_answer_compiles(folder: Path) -> None:
    page = folder / "page.ts"
    page.write_text(PAGE.read_text())
    assert await complaints(page) == ""


async def test_a_field_that_is_not_there_is_seen_before_anybody_runs_it(folder: Path) -> None:
    page = folder / "wrong.ts"
    page.write_text(PAGE.read_text().replace("declare.advice", "declare.advise"))
    assert "'advise' does not exist" in await complaints(page)
