"""The settings that bound what one client may ask for, and say what the API tells strangers of itself."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_settings import BaseSettings


def _absolute(path: Path) -> Path:
    return path.expanduser().absolute()


def _empty_is_unset(value: Any) -> Any:
    return None if value == "" else value


_Most = Annotated[int, Field(ge=1)]
_Seconds = Annotated[float, Field(gt=0, le=600)]
_File = Annotated[Path | None, BeforeValidator(_empty_is_unset), AfterValidator(lambda path: path and _absolute(path))]


class BoundSettings(BaseSettings):
    """The part of the settings that bounds each request. `graph.limits` says what each of them is for."""

    max_body_bytes: Annotated[int, Field(ge=1024)] = 1_000_000
    """The longest request, in bytes."""
    body_seconds: _Seconds = 15.0
    """How long a request's body may take to arrive."""
    max_batch: Annotated[int, Field(ge=0, le=100)] = 0
    """The most operations in one JSON array; 0 takes no arrays."""
    max_document_bytes: Annotated[int, Field(ge=200)] = 20_000
    """The longest document, in bytes."""
    max_tokens: Annotated[int, Field(ge=100)] = 600
    """The longest document, in tokens."""
    max_nesting: Annotated[int, Field(ge=14, le=150)] = 50
    """The most brackets of any kind inside each other in one document."""
    max_operations: _Most = 10
    """The most operations in one document."""
    max_fragments: Annotated[int, Field(ge=0)] = 100
    """The most fragments in one document."""
    max_directives: Annotated[int, Field(ge=0)] = 50
    """The most directives in one document."""
    max_directives_in_one_place: Annotated[int, Field(ge=0)] = 4
    """The most directives on one field, fragment or variable."""
    max_depth: _Most = 12
    """The deepest selection in one operation."""
    max_aliases: Annotated[int, Field(ge=0)] = 30
    """The most aliases in one operation."""
    max_root_fields: _Most = 30
    """The most root fields in one operation."""
    max_cost: Annotated[int, Field(ge=100)] = 60_000
    """The most fields times the rows they are asked of in one operation."""
    max_page: Annotated[int, Field(ge=50, le=100)] = 100
    """The largest page of a list."""
    max_variable_bytes: Annotated[int, Field(ge=1024)] = 200_000
    """The most that comes in variables, in bytes."""
    max_variable_depth: Annotated[int, Field(ge=5, le=100)] = 20
    """The deepest variable."""
    admission_wait: Annotated[float, Field(gt=0, le=10)] = 0.35
    """How many seconds an operation may wait for its turn before it is told when to come back."""
    admission_stream_wait: Annotated[float, Field(gt=0, le=8)] = 3.0
    """The same for the opening of a socket or a subscription."""
    admission_answer: Annotated[float, Field(gt=0, le=10)] = 0.15
    """How many seconds a declaration is to take: where the mean is longer, fewer are at work at once."""
    admission_alert: Annotated[float, Field(gt=0, le=10)] = 0.3
    """How many seconds late an alert may reach a screen before fewer operations are at work at once."""
    admission_told: Annotated[float, Field(gt=0, le=60)] = 0.8
    """After how many seconds a query is given up and told when to come back, while others are being refused."""
    admission_least: _Most = 3
    """The fewest operations that a process works on at once, however long they take."""
    admission_most: _Most = 16
    """The most operations that a process works on at once, however quick they are; two declarations count for one."""
    admission_waiting: _Most = 400
    """The most that wait for their turn in one lane of a process."""
    admission_longest_return: Annotated[float, Field(ge=1, le=240)] = 45.0
    """The most seconds after which somebody is told to come back, but for a second and a half of jitter."""
    max_subscriptions: _Most = 5_000
    """The most open subscriptions of one process."""
    max_variable_values: Annotated[int, Field(ge=100)] = 2_000
    """The most values in variables, objects and lists among them."""
    operation_seconds: _Seconds = 20.0
    """How long an operation may take, and a subscription for one event; the database stops as well."""

    compiled: bool = True
    """Whether operations are compiled the first time that they are asked for; graphql-core runs them otherwise."""
    introspection: bool | None = None
    """Whether strangers may ask for the schema; by default not in production."""
    suggestions: bool | None = None
    """Whether a message says "Did you mean"; by default not in production."""
    explorer: bool | None = None
    """Whether the explorer is there; by default not in production."""

    trusted_documents: _File = None
    """A manifest of the operations that clients have; reloaded when the file changes."""
    trusted_documents_mode: Literal["only", "log", "off"] = "only"
    """What becomes of other operations: `only` refuses them, `log` runs them and logs their hash, `off` runs them."""
    persisted_queries: bool = False
    """Whether clients may have documents kept by their hash by themselves (automatic persisted queries)."""

    @model_validator(mode="after")
    def _only_known_ones_are_kept(self) -> Self:
        if self.persisted_queries and self.trusted_documents is not None and self.trusted_documents_mode == "only":
            raise ValueError("KHAIBAO_PERSISTED_QUERIES: only the manifest's operations run; set one of the two")
        return self
