"""Who may read the figures, as a table."""

import pytest

from process.metrics import may_read

TOKEN = "a-token-of-sixteen"


@pytest.mark.parametrize(
    ("token", "peer", "headers", "status"),
    [
        (None, "127.0.0.1", {}, None),
        (None, "::1", {}, None),
        (None, "10.0.0.7", {}, 403),
        (None, None, {}, 403),
        (None, "not an address", {}, 403),
        (None, "127.0.0.1", {"x-forwarded-for": "127.0.0.1"}, 403),
        (None, "127.0.0.1", {"via": "1.1 proxy"}, 403),
        (None, "127.0.0.1", {"authorization": f"Bearer {TOKEN}"}, None),
        (TOKEN, "10.0.0.7", {"authorization": f"Bearer {TOKEN}"}, None),
        (TOKEN, "10.0.0.7", {"authorization": f"bearer  {TOKEN} "}, None),
        (TOKEN, "10.0.0.7", {"authorization": f"Bearer {TOKEN}", "x-forwarded-for": "203.0.113.9"}, None),
        (TOKEN, "127.0.0.1", {}, 401),
        (TOKEN, "127.0.0.1", {"authorization": "Bearer nonsense"}, 401),
        (TOKEN, "127.0.0.1", {"authorization": "Bearer bản-khai"}, 401),
    ],
)
def test_who_may_read_the_figures(
    token: str | None, peer: str | None, headers: dict[str, str], status: int | None
) -> None:
    refusal = may_read(token, peer, headers)
    assert (refusal and refusal[0]) == status
