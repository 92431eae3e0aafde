"""Settling what was declared."""

from tests.acceptance.client import Api
from tests.acceptance.declaring import breathless, declare, person

CONFIRM = """
mutation ($input: ConfirmCaseInput!) {
  confirmCase(input: $input) {
    __typename
    ... on CaseConfirmed { case { state version allowedActions declarations { state } alerts { state } } }
    ... on Conflict { reason current { ... on Case { state } } }
    ... on Problem { code message }
  }
}
"""
DISMISS = """
mutation ($input: DismissCaseInput!) {
  dismissCase(input: $input) {
    __typename
    ... on CaseDismissed { case { state declarations { state } alerts { state outcome } } }
    ... on Problem { code message }
  }
}
"""
CASE = """
query ($id: ID!) {
  case(id: $id) {
    state version sex ageBand allowedActions person { name street }
    assessment { severe reasons { code text } } area { code parent { code } } station { name area { code } }
    declarations { state case { id } assessment { protocol } } alerts { kind case { id } }
  }
}
"""


async def test_a_confirmed_case_has_accepted_declarations_and_is_not_confirmed_twice(api: Api, station: Api) -> None:
    id = (await declare(api, breathless()))["declarations"][0]["case"]["id"]
    case = (await station.data(CASE, {"id": id}))["case"]
    assert (case["state"], case["allowedActions"][:2]) == ("SUSPECTED", ["CONFIRM", "DISMISS"])
    assert case["person"]["street"] == "12 Lê Lợi"
    done = (await station.data(CONFIRM, {"input": {"id": id, "version": case["version"]}}))["confirmCase"]
    assert done["case"]["state"] == "CONFIRMED"
    assert done["case"]["declarations"] == [{"state": "ACCEPTED"}]
    again = (await station.data(CONFIRM, {"input": {"id": id}}))["confirmCase"]
    assert (again["reason"], again["current"]) == ("WRONG_STATE", {"state": "CONFIRMED"})


async def test_a_version_that_is_old_is_a_conflict(api: Api, station: Api) -> None:
    id = (await declare(api, person()))["declarations"][0]["case"]["id"]
    stale = (await station.data(CONFIRM, {"input": {"id": id, "version": 99}}))["confirmCase"]
    assert stale["reason"] == "STALE_VERSION"


async def test_a_dismissed_case_takes_its_alerts_with_it(api: Api, station: Api) -> None:
    id = (await declare(api, breathless()))["declarations"][0]["case"]["id"]
    answer = await station.data(DISMISS, {"input": {"id": id, "reason": "NEGATIVE_TEST"}})
    case = answer["dismissCase"]["case"]
    assert case["state"] == "NOT_A_CASE"
    assert case["alerts"] == [{"state": "RESOLVED", "outcome": "FALSE_ALARM"}]


async def test_two_mutations_of_one_request_each_see_what_was_written_before(api: Api, station: Api) -> None:
    receipt = await declare(api, breathless(), breathless())
    first, second = (one["case"]["id"] for one in receipt["declarations"])
    both = """
    mutation ($a: ConfirmCaseInput!, $b: ConfirmCaseInput!) {
      a: confirmCase(input: $a) { ... on CaseConfirmed { case { declarations { state } } } }
      b: confirmCase(input: $b) { ... on CaseConfirmed { case { declarations { state } } } }
    }
    """
    answer = await station.data(both, {"a": {"id": first}, "b": {"id": second}})
    assert [answer[name]["case"]["declarations"] for name in "ab"] == [[{"state": "ACCEPTED"}]] * 2
