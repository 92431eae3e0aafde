"""Documents made ready to run: scanned, parsed, measured and validated once, and kept within a bound of memory."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    ASTValidationRule,
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    IntValueNode,
    OperationDefinitionNode,
    specified_rules,
    validate,
)
from graphql.validation import (
    DeferStreamDirectiveLabel,
    DeferStreamDirectiveOnRootField,
    DeferStreamDirectiveOnValidOperationsRule,
    OverlappingFieldsCanBeMergedRule,
    StreamDirectiveOnListField,
)
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from graph.engine import Plan
from graph.errors import TooComplex
from graph.limits import Limits
from graph.measure import Cost, Measure, Ruler
from graph.parsed import Parsed, parse_document
from graph.roots import roots_of
from graph.scan import tokens_of
from services.page import DEFAULT_PAGE, LARGEST_PAGE

# For directives that this schema has not, which are refused as unknown; on `__typename` the last of them falls over.
_INCREMENTAL = frozenset(
    {
        DeferStreamDirectiveLabel,
        DeferStreamDirectiveOnRootField,
        DeferStreamDirectiveOnValidOperationsRule,
        StreamDirectiveOnListField,
    }
)
_ABORTED = "Validation aborted."
_ENTANGLED = "Too many fields or fragments of the document overlap; ask for each field once."


class Unfit(Exception):
    """The document is not run; `errors` say why."""

    def __init__(self, *errors: GraphQLError) -> None:
        """Of at least one error."""
        super().__init__(errors[0].message)
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Ready:
    """A valid document within the bounds, and the pages of its operations whose size comes in variables."""

    text: str
    node: DocumentNode
    tokens: int
    paged: Mapping[str | None, Cost]
    """By the operation's name: only those that could break the bound."""
    variable_pages: Mapping[str | None, Mapping[str, int | None]]
    """By the operation's name: the variables that say a page's size, each with the size where it is not given."""
    plans: dict[str | None, Plan | None] = field(default_factory=dict)
    """By the operation's name: how it is run where it is compiled, once it was asked for."""
    operations: tuple[OperationDefinitionNode, ...] = field(init=False)
    """The operations in their order."""
    _roots: dict[str | None, tuple[str, tuple[str, ...]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Looks through the document once, and not for each who sends it."""
        found = tuple(one for one in self.node.definitions if isinstance(one, OperationDefinitionNode))
        object.__setattr__(self, "operations", found)

    def roots(self, name: str | None) -> tuple[str, tuple[str, ...]]:
        """The kind of the operation that runs, which is one of these, and its root fields."""
        known = self._roots.get(name)
        if known is None:
            known = self._roots[name] = roots_of(self.node, name)
        return known

    @property
    def names(self) -> list[str | None]:
        """By what each operation may be asked for: its name, or nothing where it is the only one."""
        named: list[str | None] = [one.name.value for one in self.operations if one.name]
        return [None, *named] if len(self.operations) == 1 else named

    def excess(self, name: str | None, variables: Mapping[str, Any] | None, limits: Limits) -> str | None:
        """Which bound the operation breaks with these variables, in a sentence; None where it breaks none."""
        name = name if name is not None else next((key for key in self.variable_pages), None)
        asked = self.variable_pages.get(name)
        if not asked:
            return None
        sizes = {one: _size(variables or {}, one, default) for one, default in asked.items()}
        if limits.page < LARGEST_PAGE and any(limits.page < size <= LARGEST_PAGE for size in sizes.values()):
            return _page_too_large(limits)
        rows = {one: min(max(size, 1), LARGEST_PAGE) for one, size in sizes.items()}
        cost = self.paged.get(name)
        if cost is not None and cost.at(rows, LARGEST_PAGE) > limits.cost:
            return _too_costly(limits)
        return None


class Documents:
    """The documents of one schema. A refused one is not kept: it would push out those that clients really use."""

    def __init__(self, schema: GraphQLSchema, limits: Limits, parsed: Parsed | None = None) -> None:
        """Knows none yet. `parsed` holds those that were parsed already on their way here."""
        self._schema, self._limits, self._parsed = schema, limits, parsed or Parsed()
        self._rules = _rules(limits)
        self._kept: OrderedDict[str, Ready] = OrderedDict()
        self._tokens = 0

    def read(self, text: str) -> Ready:
        """The document, from memory where it was read before. Raises Unfit."""
        if ready := self._kept.get(text):
            self._kept.move_to_end(text)
            return ready
        ready = self._made(text)
        self._kept[text] = ready
        self._tokens += ready.tokens
        while len(self._kept) > self._limits.documents_kept or (
            self._tokens > self._limits.tokens_kept and len(self._kept) > 1
        ):
            _, oldest = self._kept.popitem(last=False)
            self._tokens -= oldest.tokens
        return ready

    @property
    def kept(self) -> tuple[int, int]:
        """How many documents are kept, and their tokens in all."""
        return len(self._kept), self._tokens

    def _made(self, text: str) -> Ready:
        limits = self._limits
        try:
            document = self._parsed.take(text) or parse_document(text, limits)
        except GraphQLError as error:
            raise Unfit(error) from None
        with _unfit():
            measures = measured(self._schema, document, limits)
        errors = validate(
            self._schema,
            document,
            self._rules,
            max_errors=limits.faults,
            hide_suggestions=not limits.suggestions,
        )
        if errors:
            raise Unfit(*(TooComplex(_ENTANGLED) if one.message == _ABORTED else one for one in errors))
        paged = {name: one.cost for name, one in measures.items() if one.cost.at({}, LARGEST_PAGE) > limits.cost}
        asked = {
            _name(one): _asked(one, measures[_name(one)].cost)
            for one in document.definitions
            if isinstance(one, OperationDefinitionNode)
        }
        return Ready(text, document, tokens_of(text), paged, asked)


def excess(schema: GraphQLSchema, document: DocumentNode, limits: Limits) -> str | None:
    """Which bound a parsed document breaks whatever its variables are, in a sentence; None where it breaks none."""
    try:
        measured(schema, document, limits)
    except TooComplex as refusal:
        return refusal.message
    return None


def measured(schema: GraphQLSchema, document: DocumentNode, limits: Limits) -> dict[str | None, Measure]:
    """The measure of each operation by its name. Raises TooComplex for the first bound that is broken.

    A message never quotes the measured figure: of nested fragments it can have thousands of digits.
    """
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    _within(len(operations), limits.operations, "The document has too many operations; at most {} are allowed.")
    fragments = sum(isinstance(one, FragmentDefinitionNode) for one in document.definitions)
    _within(fragments, limits.fragments, "The document has too many fragments; at most {} are allowed.")
    ruler = Ruler(schema, document)
    found: dict[str | None, Measure] = {}
    for operation in operations:
        measure = ruler.operation(operation)
        _within(measure.depth, limits.depth, "The operation is nested too deeply; at most {} levels are allowed.")
        _within(measure.aliases, limits.aliases, "The operation has too many aliases; at most {} are allowed.")
        _within(measure.width, limits.root_fields, "The operation has too many root fields; at most {} are allowed.")
        if measure.introspections and not limits.introspection:
            raise TooComplex("Introspection is off here; the schema comes with each release as schema.graphql.")
        _within(
            *(measure.introspections, limits.introspections),
            "The operation asks for the schema too often; at most {} times are allowed.",
        )
        if measure.cost.at({}, 1) > limits.cost:
            raise TooComplex(_too_costly(limits))
        found[_name(operation)] = measure
    _within(
        *(ruler.most_directives, limits.node_directives),
        "One place has too many directives; at most {} are allowed.",
    )
    if limits.page < LARGEST_PAGE and any(limits.page < size <= LARGEST_PAGE for size in ruler.pages):
        raise TooComplex(_page_too_large(limits))
    return found


def _within(found: int, most: int, sentence: str) -> None:
    if found > most:
        raise TooComplex(sentence.format(most))


def _too_costly(limits: Limits) -> str:
    return f"The operation costs too much; at most {limits.cost} fields times rows are allowed."


def _page_too_large(limits: Limits) -> str:
    return f"A page is too large; at most {limits.page} rows are allowed."


def _name(operation: OperationDefinitionNode) -> str | None:
    return operation.name.value if operation.name else None


def _asked(operation: OperationDefinitionNode, cost: Cost) -> dict[str, int | None]:
    names: set[str] = set()
    waiting, seen = [cost], set()
    while waiting:
        for page in waiting.pop().pages:
            if page not in seen:
                seen.add(page)
                names.add(page.variable)
                waiting.append(page.below)
    defaults = {
        one.variable.name.value: int(one.default_value.value)
        for one in operation.variable_definitions or ()
        if isinstance(one.default_value, IntValueNode)
    }
    return {name: defaults.get(name) for name in sorted(names)}


def _size(variables: Mapping[str, Any], name: str, default: int | None) -> int:
    value = variables.get(name, default)
    match value:
        case None:
            return DEFAULT_PAGE
        case bool():
            return LARGEST_PAGE
        case int():
            return value
        case float() if value.is_integer():
            return int(value)
        case _:
            # It is no Int, and refused as such before anything is asked of any row.
            return LARGEST_PAGE


def _rules(limits: Limits) -> tuple[type[ASTValidationRule], ...]:
    class Overlapping(OverlappingFieldsCanBeMergedRule):
        """graphql-core's rule, which compares each pair of fields of one name, with a budget of our own.

        Its own ends after half a million comparisons, which is most of a second.
        """

        def __init__(self, context: Any) -> None:
            super().__init__(context)
            self.rule_context.remaining_complexity_budget = limits.overlaps

    standard = (
        Overlapping if rule is OverlappingFieldsCanBeMergedRule else rule
        for rule in specified_rules
        if rule not in _INCREMENTAL
    )
    return (*standard, MaybeNullValidationRule, OneOfInputValidationRule)


@contextmanager
def _unfit() -> Iterator[None]:
    try:
        yield
    except TooComplex as refusal:
        raise Unfit(refusal) from None
