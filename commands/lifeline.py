"""Tying a process to its parent's life, so that kill -9 of the one leaves nothing of the other running."""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def end_with_parent(parent: int | None = None) -> None:
    """Has the kernel send this process SIGTERM when the thread that started it ends. On Linux only.

    `parent` is the process that should be the parent still: had it died before, no signal would come any more, and this
    process ends itself.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if parent is not None and os.getppid() != parent:
        os._exit(1)
