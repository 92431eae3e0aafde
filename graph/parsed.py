"""Documents as they are parsed: by admission, to know what is asked for, and not once more where they are run."""

from collections import OrderedDict

from graphql import DocumentNode, parse

from graph.errors import TooComplex
from graph.limits import Limits
from graph.scan import scan

_KEPT = 32


def parse_document(text: str, limits: Limits) -> DocumentNode:
    """The document. Raises TooComplex for one that breaks a bound, GraphQLError for what is none."""
    if refusal := scan(text, limits):
        raise TooComplex(refusal)
    # The scan has bounded the tokens; what it lets through and the parser would not, the parser says. Empty selections
    # are no GraphQL yet, and fragments of nothing would double without costing a field.
    return parse(
        text,
        max_lexical_tokens=limits.tokens,
        max_comments=limits.tokens,
        allow_empty_selection_sets=False,
    )


class Parsed:
    """The last few that were parsed and not yet taken up by whoever runs them."""

    def __init__(self) -> None:
        """Holds none."""
        self._held: OrderedDict[str, DocumentNode] = OrderedDict()

    def hand_over(self, text: str, document: DocumentNode) -> None:
        """Holds it until it is taken, or until others have come: of the refused nobody takes any."""
        self._held[text] = document
        if len(self._held) > _KEPT:
            self._held.popitem(last=False)

    def take(self, text: str) -> DocumentNode | None:
        """The document of that text, once."""
        return self._held.pop(text, None)
