"""The worlds of the drawn operations, on the shared database."""

from tests.integration.scope.conftest import ground, owner

__all__ = ["ground", "owner"]
