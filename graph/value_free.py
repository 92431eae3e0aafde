"""GraphQL's own messages without the values that they quote: what was typed in the wrong place may be a person."""

import re

# What a library says of a value, by the shapes of its messages. Names of types, fields and arguments stay: they are
# what a developer looks for.
_CANNOT = re.compile(r"(cannot represent[^:]*): .*", re.DOTALL)
# After a suggestion it is a sentence of its own.
_FOUND = re.compile(r"(\?)?,? [Ff]ound:? .*", re.DOTALL)
_NO_MEMBER = re.compile(r"\bValue '.*' does not exist in", re.DOTALL)
_NO_NAME = re.compile(r"unknown field '(?!\w+'[,.])[^']*'")
_ENCOUNTERED = re.compile(r", but encountered error .*", re.DOTALL)
_TOKEN = re.compile(r"\b(String|BlockString|Int|Float) (['\"]).*\2", re.DOTALL)

_SUGGESTION = re.compile(r" Did you mean .*", re.DOTALL)


def without_suggestion(message: str) -> str:
    """The message without what graphql-core supposes to have been meant, wherever it says so."""
    return _SUGGESTION.sub("", message)


def value_free(message: str) -> str:
    """The message with nothing of a variable's or a literal's value in it.

    It goes to whoever sent the value; but clients log what they are told, and so do the proxies on the way.
    """
    if message.startswith("Syntax Error"):
        return _TOKEN.sub(r"\1", message)
    # As a client writes it.
    message = message.replace("not to be None.", "not to be null.")
    message = _ENCOUNTERED.sub(".", _FOUND.sub(lambda found: found[1] or ".", message))
    message = _NO_NAME.sub("a field that is not one", message)
    return _CANNOT.sub(r"\1.", _NO_MEMBER.sub("The value does not exist in", message))
