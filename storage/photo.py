"""What becomes of a photo before it is kept: decoded within bounds, and drawn anew without what else its file says.

It runs as a program of its own (`storage.photo_desk` starts it), because decoders are written in C and are fed by
strangers: what makes one crash, or run for ever, or take all memory, ends that program and not the server. So it
imports nothing of ours, and is told no secret.

A request is four bytes of length and the file; an answer is a line of JSON, and after it as many bytes as that says.
"""

import contextlib
import io
import json
import signal
import struct
import sys
import warnings
from typing import BinaryIO

from pi_heif import register_heif_opener
from PIL import Image, ImageOps

MOST_PIXELS = 64_000_000
"""The most of a photo: what the phones of today take; 64 million are a quarter of a gigabyte when decoded."""
LONGEST_SIDE = 20_000
KEPT_SIDE = 2560
"""The longer side of what is kept, in pixels: the small print of an identity card can be read at half of it."""

_FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
_QUALITY = 85
_MEMORY = 2 * 1024**3
LENGTH = struct.Struct(">I")


class NoPhoto(Exception):
    """The file is no photo that is taken here; the text is a stable code."""


def redraw(data: bytes) -> tuple[bytes, int, int]:
    """The photo drawn anew as an upright JPEG, with its width and height in pixels.

    No position, no device, no thumbnail, no colour profile; of several pictures the first.

    Raises NoPhoto: NOT_AN_IMAGE, IMAGE_TOO_LARGE (in pixels, known before anything is decoded), IMAGE_DAMAGED.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            opened = Image.open(io.BytesIO(data), formats=_FORMATS)
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise NoPhoto("IMAGE_TOO_LARGE") from None
        except Exception:  # Each decoder has exceptions of its own for what is none of its files.
            raise NoPhoto("NOT_AN_IMAGE") from None
        width, height = opened.size
        if width * height > MOST_PIXELS or max(width, height) > LONGEST_SIDE:
            raise NoPhoto("IMAGE_TOO_LARGE")
        try:
            return _drawn(opened)
        except MemoryError:
            raise NoPhoto("IMAGE_TOO_LARGE") from None
        except Exception:
            raise NoPhoto("IMAGE_DAMAGED") from None


def _drawn(opened: Image.Image) -> tuple[bytes, int, int]:
    # A JPEG can be decoded at a half or a quarter of its size, which saves most of the time and memory.
    opened.draft("RGB", (KEPT_SIDE, KEPT_SIDE))
    opened.load()
    # By the orientation that the file names, which goes with the rest of its metadata.
    upright = ImageOps.exif_transpose(opened)
    if upright.mode not in ("RGB", "L", "RGBA"):
        upright = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    upright.thumbnail((KEPT_SIDE, KEPT_SIDE))
    # Onto a new sheet: whatever an image object carries along besides its pixels stays behind.
    sheet = Image.new("RGB", upright.size, "white")
    sheet.paste(upright, mask=upright.getchannel("A") if upright.mode == "RGBA" else None)
    out = io.BytesIO()
    sheet.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return out.getvalue(), *sheet.size


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answers one request after another until there are no more."""
    while len(head := requests.read(LENGTH.size)) == LENGTH.size:
        data = requests.read(LENGTH.unpack(head)[0])
        said: dict[str, object]
        try:
            body, width, height = redraw(data)
            said = {"width": width, "height": height, "bytes": len(body)}
        except NoPhoto as refused:
            said, body = {"refused": str(refused), "bytes": 0}, b""
        answers.write(json.dumps(said).encode() + b"\n" + body)
        answers.flush()


def _bound() -> None:
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="ascii") as score:
        # Where memory runs short on Linux, this program is ended before the server is.
        score.write("1000")
    with contextlib.suppress(ImportError, ValueError, OSError):
        # Not on every system; then the bound on pixels holds alone.
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        # A decoder that crashes must not leave somebody's photo behind in a file.
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


register_heif_opener()
Image.MAX_IMAGE_PIXELS = MOST_PIXELS

if __name__ == "__main__":
    _bound()
    # Ctrl-C is for the server, which closes our input when it has done.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    serve(sys.stdin.buffer, sys.stdout.buffer)
