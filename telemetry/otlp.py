"""Traces by OpenTelemetry, sent to a collector by OTLP over HTTP. Imported only where an endpoint is set."""

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import TraceIdRatioBased
from opentelemetry.trace import Span as OtelSpan
from opentelemetry.trace import Status, StatusCode, set_span_in_context
from opentelemetry.trace import Tracer as OtelTracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from telemetry.doing import Span

_EXPORT_SECONDS = 5
_PATH = "/v1/traces"


class OtlpTracer:
    """Begins traces and sends them from a thread of its own, many at once; what a slow collector does not take is lost.

    Not by the flag of a caller's traceparent but by its number is a trace kept or not: a stranger cannot hide theirs.
    """

    def __init__(self, endpoint: str, kept: float, process: str) -> None:
        """`endpoint` is the collector's, with or without /v1/traces; `kept` which part of the traces, from 0 to 1."""
        address = endpoint if endpoint.endswith(_PATH) else endpoint.rstrip("/") + _PATH
        # Made here and not with Resource.create, which would add what it finds in the machine.
        resource = Resource({"service.name": "khaibao", "service.instance.id": process})
        self._provider = TracerProvider(resource=resource, sampler=TraceIdRatioBased(kept), shutdown_on_exit=False)
        exporter = OTLPSpanExporter(endpoint=address, timeout=_EXPORT_SECONDS)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("khaibao")
        self._propagator = TraceContextTextMapPropagator()

    def begin(self, name: str, traceparent: str | None = None, **notes: str | int) -> Span:
        """See `telemetry.doing.Tracer`. A traceparent that cannot be read begins a trace of its own."""
        # An empty context and not the current one: what else in this process may use OpenTelemetry is not our parent.
        parent = Context()
        if traceparent is not None:
            parent = self._propagator.extract({"traceparent": traceparent}, parent)
        return _Span(self._tracer, self._tracer.start_span(name, parent, attributes=_named(notes)))

    def close(self) -> None:
        """Sends what is left, and ends the thread."""
        self._provider.shutdown()


class _Span:
    """One span of OpenTelemetry's."""

    def __init__(self, tracer: OtelTracer, span: OtelSpan) -> None:
        self._tracer, self._span = tracer, span

    def child(self, name: str, **notes: str | int) -> Span:
        context = set_span_in_context(self._span, Context())
        return _Span(self._tracer, self._tracer.start_span(name, context, attributes=_named(notes)))

    def note(self, **notes: str | int) -> None:
        self._span.set_attributes(_named(notes))

    def rename(self, name: str) -> None:
        self._span.update_name(name)

    def end(self, failure: str | None = None) -> None:
        if failure is not None:
            self._span.set_attribute("error.type", failure)
            self._span.set_status(Status(StatusCode.ERROR))
        self._span.end()


def _named(notes: dict[str, str | int]) -> dict[str, str | int]:
    return {f"khaibao.{name}": value for name, value in notes.items()}
