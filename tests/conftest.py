"""What holds for every test."""

import gc


def pytest_collection_finish() -> None:
    """What stands before the first test stands for all: the collector walked over it again and again, a sixth of the
    time that the tests took. A server does the same when it has started.
    """
    gc.collect()
    gc.freeze()
