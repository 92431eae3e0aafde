"""What comes on a socket is taken in its order, and who takes it waits for it."""

import asyncio

from process.inbox import Inbox


async def test_what_has_come_is_taken_in_its_order() -> None:
    inbox = Inbox[int]()
    inbox.put_nowait(1)
    inbox.put_nowait(2)
    assert [await inbox.get(), await inbox.get()] == [1, 2]
    assert inbox.empty()


async def test_who_takes_waits_until_something_has_come() -> None:
    inbox = Inbox[int]()
    taking = asyncio.create_task(inbox.get())
    await asyncio.sleep(0)  # One turn of the loop.
    assert not taking.done()
    inbox.put_nowait(1)
    inbox.put_nowait(2)
    assert await taking == 1
    assert not inbox.empty()


async def test_who_has_given_up_takes_nothing_with_them() -> None:
    inbox = Inbox[int]()
    taking = asyncio.create_task(inbox.get())
    await asyncio.sleep(0)  # One turn of the loop.
    taking.cancel()
    await asyncio.gather(taking, return_exceptions=True)
    inbox.put_nowait(1)
    assert await inbox.get() == 1
