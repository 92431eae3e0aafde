"""What is shown on a terminal as it is."""

from rich.console import Console


def plain(*, errors: bool = False) -> Console:
    """A console on which a name in square brackets is no style and `:x:` no picture; it breaks no line of errors."""
    return Console(stderr=errors, soft_wrap=errors, highlight=False, markup=False, emoji=False)
