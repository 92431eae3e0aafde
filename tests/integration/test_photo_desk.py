"""Photos drawn anew: what their files say besides the picture is gone, and no file brings the server down."""

import io
import os
import signal
import struct
import zlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image

from storage.photo_desk import DeskFull, NoPhoto, PhotoDesk

HEIC = Path(__file__).parents[1] / "data" / "test-strip.heic"
"""A drawn test strip, 96 x 64, blue at its left edge, with a maker and a position in its metadata."""


@pytest.fixture
async def desk() -> AsyncIterator[PhotoDesk]:
    """A desk with one program."""
    desk = PhotoDesk(programs=1)
    yield desk
    await desk.close()


def jpeg(size: tuple[int, int] = (640, 480), *, orientation: int | None = None, position: bool = True) -> bytes:
    """A photo as a phone takes it: its left half blue, with position and device in its metadata."""
    image = Image.new("RGB", size, "red")
    image.paste("blue", (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[0x010F] = "Planted Maker"
    if orientation is not None:
        exif[0x0112] = orientation
    if position:
        gps = exif.get_ifd(0x8825)
        gps[1], gps[2], gps[3], gps[4] = "N", (10.0, 46.0, 37.0), "E", (106.0, 41.0, 43.0)
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif, comment=b"planted comment")
    return out.getvalue()


def saved(image: Image.Image, kind: str) -> bytes:
    """The image as a file."""
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


def bomb(width: int = 50_000, height: int = 50_000) -> bytes:
    """A PNG of a few kilobytes that says it is 50,000 by 50,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    pixels = zlib.compress(bytes(2_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def opened(data: bytes) -> Image.Image:
    """The picture of a file, decoded."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


async def refused(desk: PhotoDesk, data: bytes) -> str:
    """The code of the refusal."""
    with pytest.raises(NoPhoto) as found:
        await desk.redraw(data)
    return found.value.code


async def test_the_position_and_all_other_metadata_are_gone(desk: PhotoDesk) -> None:
    sent = jpeg()
    assert dict(opened(sent).getexif().get_ifd(0x8825))
    kept = await desk.redraw(sent)
    image = opened(kept.data)
    assert image.format == "JPEG"
    assert not dict(image.getexif())
    assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert b"lanted" in sent
    assert b"lanted" not in kept.data


async def test_a_photo_that_was_taken_on_its_side_stands_upright(desk: PhotoDesk) -> None:
    # 6: the phone was turned by ninety degrees; what is left in the file is up in the picture.
    kept = await desk.redraw(jpeg(orientation=6))
    assert (kept.width, kept.height) == (480, 640)
    top = opened(kept.data).convert("RGB").getpixel((240, 40))
    assert isinstance(top, tuple)
    assert top[2] > 200 > top[0]


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
async def test_other_formats_are_kept_as_jpeg(desk: PhotoDesk, kind: str) -> None:
    kept = await desk.redraw(saved(Image.new("RGBA", (60, 40), (0, 0, 0, 0)), kind))
    image = opened(kept.data)
    assert (image.format, image.size) == ("JPEG", (60, 40))
    # What was transparent is white, and not the black that lies below.
    assert image.convert("L").getpixel((5, 5)) == 255


async def test_a_photo_of_an_iphone_is_taken(desk: PhotoDesk) -> None:
    sent = HEIC.read_bytes()
    assert b"Planted Maker" in sent
    kept = await desk.redraw(sent)
    image = opened(kept.data).convert("RGB")
    assert image.size == (96, 64)
    corner = image.getpixel((2, 60))
    assert isinstance(corner, tuple)
    assert corner[2] > 150 > corner[0]
    assert b"Planted Maker" not in kept.data
    assert not dict(opened(kept.data).getexif())


async def test_a_large_photo_is_kept_smaller(desk: PhotoDesk) -> None:
    kept = await desk.redraw(jpeg((6000, 4000)))
    assert (kept.width, kept.height) == (2560, 1707)


async def test_a_bomb_is_refused_before_it_is_decoded(desk: PhotoDesk) -> None:
    sent = bomb()
    assert len(sent) < 10_000
    assert await refused(desk, sent) == "IMAGE_TOO_LARGE"
    assert await refused(desk, bomb(30_000, 2)) == "IMAGE_TOO_LARGE"


async def test_what_is_no_photo_is_refused(desk: PhotoDesk) -> None:
    assert await refused(desk, b"This is a text that somebody has called photo.jpg.\n" * 40) == "NOT_AN_IMAGE"
    assert await refused(desk, b"") == "NOT_AN_IMAGE"
    assert await refused(desk, b"%PDF-1.7\n") == "NOT_AN_IMAGE"
    # An image of a kind whose decoder nobody asked for.
    assert await refused(desk, saved(Image.new("RGB", (9, 9)), "BMP")) == "NOT_AN_IMAGE"


@pytest.mark.parametrize("part", [0.3, 0.6, 0.95])
async def test_a_truncated_photo_is_refused(desk: PhotoDesk, part: float) -> None:
    noise = Image.frombytes("RGB", (300, 200), os.urandom(300 * 200 * 3))
    for sent in (saved(noise, "JPEG"), saved(noise, "PNG"), saved(noise, "WEBP"), HEIC.read_bytes()):
        assert await refused(desk, sent[: int(len(sent) * part)]) in ("IMAGE_DAMAGED", "NOT_AN_IMAGE")


async def test_a_photo_that_takes_too_long_is_given_up_and_the_next_is_drawn() -> None:
    desk = PhotoDesk(programs=1, seconds=0.0)
    assert await refused(desk, jpeg()) == "IMAGE_TOO_LARGE"
    desk = PhotoDesk(programs=1)
    assert (await desk.redraw(jpeg())).width == 640
    await desk.close()


async def test_a_program_that_was_killed_is_replaced(desk: PhotoDesk) -> None:
    await desk.redraw(jpeg())
    [program] = desk._idle
    os.kill(program._process.pid, signal.SIGKILL)
    await program._process.wait()
    assert (await desk.redraw(jpeg())).width == 640


async def test_more_photos_than_anybody_would_wait_for_are_refused_at_once(desk: PhotoDesk) -> None:
    desk._waiting = desk._most
    with pytest.raises(DeskFull):
        await desk.redraw(jpeg())
