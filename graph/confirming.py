"""Which operations confirm by their own reading that whoever asks still stands, as they were found to when they ran."""

from graph.request import GraphQLRequest

_MOST = 10_000


class Unconfirmed(Exception):
    """Who was presumed to stand was not found to: they are looked up, and the operation runs anew."""


class Confirming:
    """Of one process, and only a hint: who is presumed and not confirmed is looked up, and the operation runs anew."""

    def __init__(self) -> None:
        """Knows none yet."""
        # Hashes suffice for a hint, and hold no document that a client has sent.
        self._known: set[int] = set()

    def has(self, request: GraphQLRequest) -> bool:
        """Whether it did so when it ran last."""
        return _key(request) in self._known

    def note(self, request: GraphQLRequest, *, confirms: bool) -> None:
        """Remembers what it did."""
        if not confirms:
            self._known.discard(_key(request))
            return
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known.add(_key(request))


def _key(request: GraphQLRequest) -> int:
    return hash((request.query, request.operation_name))
