"""Residents as tests need them: a proven phone, and what it sees of the API."""

from typing import Any

from access.actor import Actor
from services.runtime import Runtime
from tests.integration.graph.asking import Asking

PHONE, OTHER = "0912345678", "0987654321"
ID_CARD = "079090012345"


def resident(runtime: Runtime, phone: str = PHONE) -> Actor:
    """Whoever has proven this phone."""
    return Actor("RESIDENT", phone_hash=runtime.pseudonymiser.phone(f"+84{phone[1:]}"))


MINE = """
query ($first: Int, $after: String) {
  myDeclarations(first: $first, after: $after) {
    edges { cursor }
    pageInfo { hasNextPage endCursor }
    nodes {
      id state possibleDuplicate severe submittedAt
      area { name } station { name }
      assessment { severe reasons { code text } }
      reported { fullName birthDate nationalId relation symptoms conditions vitals { spo2 } }
      case {
        id state severe danger openedAt
        person { name phone }
        alerts { id }
        assessment { severe }
        declarations { id }
        allowedActions
      }
    }
  }
}
"""

CLAIM = """
mutation ($code: String!) {
  claimReceipt(input: {code: $code}) {
    __typename
    ... on ReceiptClaimed { declarations { id reported { fullName } } }
    ... on Problem { code message }
  }
}
"""


async def mine(runtime: Runtime, actor: Actor) -> list[dict[str, Any]]:
    """What the resident is shown of what they have declared."""
    data = await Asking(runtime).data(actor, MINE)
    found: list[dict[str, Any]] = data["myDeclarations"]["nodes"]
    return found
