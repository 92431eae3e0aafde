"""Addresses as people write them."""

import pytest

from simulation.keep_alive import Endpoint


@pytest.mark.parametrize(
    ("url", "host", "port", "path", "websocket"),
    [
        ("http://127.0.0.1:8000", "127.0.0.1", 8000, "/graphql", "ws://127.0.0.1:8000/graphql"),
        ("http://example.test/", "example.test", 80, "/graphql", "ws://example.test:80/graphql"),
        ("https://example.test/api", "example.test", 443, "/api", "wss://example.test:443/api"),
        ("http://[::1]:8000", "::1", 8000, "/graphql", "ws://[::1]:8000/graphql"),
    ],
)
def test_an_address_names_the_endpoint(url: str, host: str, port: int, path: str, websocket: str) -> None:
    endpoint = Endpoint.of(url)
    assert (endpoint.host, endpoint.port, endpoint.path) == (host, port, path)
    assert endpoint.websocket == websocket


@pytest.mark.parametrize("url", ["127.0.0.1:8000", "ftp://example.test", "http://", ""])
def test_what_is_no_address_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(ValueError, match="write it like http"):
        Endpoint.of(url)
