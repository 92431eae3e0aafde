"""The refusal of whoever there is no room for at the moment."""


class Overloaded(Exception):
    """Come back in `retry_after` seconds; `place`, where there is one, is the slip to show then."""

    def __init__(self, retry_after: int, place: str | None = None) -> None:
        super().__init__(f"come back in {retry_after} s")
        self.retry_after, self.place = retry_after, place
