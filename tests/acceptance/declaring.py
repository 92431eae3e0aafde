"""Declarations as residents' phones send them."""

from itertools import count
from typing import Any

from tests.acceptance.client import Api

DECLARE = """
mutation Declare($input: DeclareInput!) {
  declare(input: $input) {
    __typename
    ... on Receipt {
      code areaName advice
      declarations { id state case { id state assessment {
        severe danger highRisk missing protocol reasons { code text } } } }
      station { name phone }
    }
    ... on InvalidInput { fields { path code message } }
    ... on Conflict { reason }
    ... on Problem { code message }
  }
}
"""

_numbers = count(1)


def person(**given: Any) -> dict[str, Any]:
    """A person who is hardly ill, but for what is given."""
    return {
        "fullName": f"Trần Thị Thử {next(_numbers)}",
        "birthDate": "1990-05-17",
        "sex": "FEMALE",
        "relation": "self",
        "test": {"kind": "rapid_antigen", "takenOn": "2022-03-17"},
        "symptoms": ["cough"],
        "conditions": [],
        **given,
    }


def household(*people: dict[str, Any], **given: Any) -> dict[str, Any]:
    """The input of a household in the ward of the tests."""
    return {
        "idempotencyKey": f"acceptance-{next(_numbers)}",
        "contact": {"phone": "0912 345 678", "declaredBy": "Trần Văn Chủ"},
        "address": {"areaCode": "26740", "street": "12 Lê Lợi"},
        "people": list(people) or [person()],
        **given,
    }


def breathless(**given: Any) -> dict[str, Any]:
    """Somebody who has to be called now."""
    return person(symptoms=["dyspnoea"], **given)


async def declare(api: Api, *people: dict[str, Any], **given: Any) -> Any:
    """What declaring them answers."""
    return (await api.data(DECLARE, {"input": household(*people, **given)}))["declare"]
