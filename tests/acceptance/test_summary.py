"""What a committee sees of its area."""

from tests.acceptance.client import Api
from tests.acceptance.declaring import breathless, declare

SUMMARY = """
query ($areaId: ID, $from: Date, $to: Date) {
  areaSummary(areaId: $areaId, from: $from, to: $to) {
    area { name } asOf declared confirmed active severe highRisk pending contacted
    alerts { raised open overdue acknowledged medianTimeToAcknowledge p90TimeToAcknowledge }
    byDay { date declared severe }
    children { area { code } declared alerts { open } }
    stations { station { name } received pending confirmed openAlerts overdue p50 p90 lastActionAt connectedNow }
  }
}
"""
LIVE = "subscription { areaSummary { declared severe } }"


async def test_the_figures_grow_with_what_is_declared(api: Api, tokens: dict[str, str]) -> None:
    committee = api.acting(tokens["committee"])
    before = (await committee.data(SUMMARY))["areaSummary"]
    await declare(api, breathless(), breathless())
    after = (await committee.data(SUMMARY, {"from": "2022-03-10", "to": "2022-03-18"}))["areaSummary"]
    assert (after["declared"], after["severe"]) == (before["declared"] + 2, before["severe"] + 2)
    assert after["alerts"]["open"] == before["alerts"]["open"] + 2
    assert sum(child["declared"] for child in after["children"]) == after["declared"]
    assert sum(day["declared"] for day in after["byDay"]) == after["declared"]
    assert len(after["byDay"]) == 9


async def test_the_figures_come_at_once_and_then_on_change(api: Api, tokens: dict[str, str]) -> None:
    async with api.acting(tokens["city"]).socket() as socket:
        await socket.subscribe("1", LIVE)
        first = (await socket.next("1"))["areaSummary"]
        await declare(api, breathless())
        second = (await socket.next("1"))["areaSummary"]
        while second == first:
            second = (await socket.next("1"))["areaSummary"]
        assert second == {"declared": first["declared"] + 1, "severe": first["severe"] + 1}


async def test_a_ward_cannot_be_summed_from_outside(api: Api, tokens: dict[str, str]) -> None:
    ward = (await api.data('{ area(code: "26740") { id } }'))["area"]["id"]
    reply = await api.acting(tokens["neighbour"]).ask(SUMMARY, {"areaId": ward})
    assert (reply.code, reply.json["data"]) == ("NOT_FOUND", {"areaSummary": None})
