"""The log: one JSON object a line, with nothing in it of a person."""

import logging
import sys

import orjson
import structlog

from telemetry.doing import doing


def configure_logging(level: str) -> None:
    """One JSON object a line on standard error, ours and the libraries' alike; never an exception's text."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        _with_request_id,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(serializer=_json)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _without_exception,
                structlog.processors.JSONRenderer(serializer=_json),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    # These say each connection and each statement, at a level that is ours.
    for name in ("uvicorn.access", "websockets", "tortoise", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # On its debug level it writes every frame of a socket: names of people, and the tokens that open it. On its info
    # level the address of everybody who opens one: where people are is theirs.
    server = logging.getLogger("uvicorn.error")
    server.setLevel(max(logging.WARNING, logging.getLevelName(level.upper())))


def _json(event: object, **_: object) -> str:
    return orjson.dumps(event, default=str).decode()


def _with_request_id(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    # Whatever an operation makes somebody write, ours or a library's, is found by the id that its caller was told.
    if (what := doing()) is not None:
        event.setdefault("request_id", what.request_id)
    return event


def _without_exception(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    # A driver's message quotes the row that was refused, and a row is a person: the kind of error must do.
    info = event.pop("exc_info", None)
    error = info[1] if isinstance(info, tuple) else sys.exc_info()[1] if info else None
    if error is not None:
        event["error"] = type(error).__name__
    return event
