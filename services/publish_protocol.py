"""Publishing a protocol: from then on it judges what is declared on its days."""

from access.actor import Actor
from access.trail import record
from models.database import service_transaction
from models.published_protocol import PublishedProtocol
from services.known_protocols import known_protocols
from services.runtime import Runtime
from triage.check import examine
from triage.protocol import ProtocolError, bundled_texts
from triage.rules import Protocol


class VersionTaken(Exception):
    """Another text was published under this version; what it judged must stay explainable, so it is never changed."""


async def publish_protocol(runtime: Runtime, actor: Actor, text: str) -> tuple[Protocol, bool]:
    """Publishes a protocol file; the answer says whether it was new. The same text again changes nothing.

    Raises ProtocolError with every finding (its days are held against the other protocols as well), VersionTaken.
    """
    async with service_transaction() as connection:
        # Two who publish at once would each hold their days against a list without the other's.
        await connection.execute_query("LOCK TABLE protocol IN SHARE ROW EXCLUSIVE MODE")
        known = await known_protocols(connection)
        protocol, findings = examine(text, known)
        if protocol is None:
            raise ProtocolError(findings)
        published = await PublishedProtocol.get_or_none(version=protocol.version, using_db=connection)
        if text in bundled_texts() or (published and published.body == text):
            return protocol, False
        if published or protocol.version in {one.version for one in known}:
            raise VersionTaken(
                f"{protocol.version} is published with another text; give this file a version of its own"
            )
        now = runtime.clock.now()
        await PublishedProtocol.create(
            using_db=connection,
            version=protocol.version,
            disease=protocol.disease,
            valid_from=protocol.valid_from,
            valid_to=protocol.valid_to,
            body=text,
            published_at=now,
        )
        await record(connection, actor, "publish_protocol", now, [protocol.version])
    runtime.protocols.replace([*known, protocol])
    return protocol, True
