"""A look at a document's text, before a parser does ten times the work: how long, how deep, how many directives."""

import re

from graph.limits import Limits

# Possessive throughout: no text makes it try the same characters twice. What is no token of GraphQL counts as one; the
# parser will say what is wrong with it.
_TOKEN = re.compile(
    r'"""(?:[^"\\]|\\"""|\\|"(?!""))*+(?:""")?+'
    r'|"(?:[^"\\\n\r]|\\.)*+"?+'
    r"|\#[^\n\r]*+"
    r"|\.\.\."
    r"|[_A-Za-z][_0-9A-Za-z]*+"
    r"|-?[0-9][0-9.eE+\-]*+"
    r"|[^\s,\ufeff]",
)
_OPEN, _CLOSED = frozenset("{[("), frozenset("}])")


def scan(text: str, limits: Limits) -> str | None:
    """Which bound the text breaks, in a sentence; None where it breaks none. Ends at the first that is broken."""
    # A character is at least a byte, so this bounds what is looked at before its bytes are counted.
    if len(text) > limits.document or len(text.encode("utf-8", "surrogatepass")) > limits.document:
        return too_long(limits)
    directives = nesting = 0
    for tokens, match in enumerate(_TOKEN.finditer(text), start=1):
        if tokens > limits.tokens:
            return f"The document is too long; at most {limits.tokens} tokens are allowed, comments among them."
        token = match[0]
        if token in _OPEN:
            nesting += 1
            if nesting > limits.nesting:
                return f"The document has too many brackets inside each other; at most {limits.nesting} are allowed."
        elif token in _CLOSED:
            nesting -= 1
        elif token == "@":
            directives += 1
            if directives > limits.directives:
                return f"The document has too many directives; at most {limits.directives} are allowed."
    return None


def too_long(limits: Limits) -> str:
    """What is said of a text that has too many bytes."""
    return f"The document is too long; at most {limits.document} bytes are allowed."


def tokens_of(text: str) -> int:
    """How many tokens the text has, comments among them."""
    return sum(1 for _ in _TOKEN.finditer(text))
