"""The ways to a hospital and back: refused and asked of another one, carried, admitted, sent home, died."""

from tests.acceptance.asking import conflict, do, refused
from tests.acceptance.client import Api
from tests.acceptance.test_alerts import listening
from tests.acceptance.test_care import HOSPITALS, REFERRALS, confirmed

REFERRED = "referral { id state version allowedActions answer } case { id state }"
SEEN = """
query ($id: ID!) { case(id: $id) { state person { name } allowedActions
  referrals { state reason answer hospital { name } requestedBy { name } } timeline { nodes { kind why } } } }
"""


async def clinics(station: Api) -> list[str]:
    """Two hospitals of the city: the first is `hospital`'s, the second `clinic`'s."""
    nodes = (await station.data(HOSPITALS))["hospitals"]["nodes"]
    return [one["id"] for end in ("Quận 5", "Quận 10") for one in nodes if one["name"].endswith(end)]


async def referred(station: Api, case: str, hospital: str) -> str:
    """The referral that a hospital is asked with."""
    given = {"caseId": case, "hospitalId": hospital, "reason": "SpO2 90"}
    answer = await do(station, "referCase", REFERRED, **given)
    assert answer["case"]["state"] == "REFERRED"
    return str(answer["referral"]["id"])


async def test_a_hospital_that_refuses_sees_nobody_any_more_and_another_one_takes_the_person(
    api: Api, station: Api, tokens: dict[str, str]
) -> None:
    hospital, clinic = api.acting(tokens["hospital"]), api.acting(tokens["clinic"])
    first, second = await clinics(station)
    id = await confirmed(api, station, symptoms=["dyspnoea"])
    referral = await referred(station, id, first)
    await conflict(station, "referCase", "ALREADY_REFERRED", caseId=id, hospitalId=second, reason="SpO2 90")
    wrong = await refused(hospital, "refuseReferral", "InvalidInput", id=referral, reason=" ")
    assert [fault["path"] for fault in wrong["fields"]] == ["reason"]
    # The other hospital was not asked: it neither sees the person nor answers for anybody.
    assert (await clinic.ask(SEEN, {"id": id})).code == "NOT_FOUND"
    await refused(clinic, "acceptReferral", "NotFound", id=referral)
    gone = await do(hospital, "refuseReferral", REFERRED, id=referral, reason="Hết giường")
    assert (gone["referral"]["state"], gone["case"]) == ("REFUSED", None)
    assert (await hospital.ask(SEEN, {"id": id})).code == "NOT_FOUND"
    assert (await hospital.data(REFERRALS))["referrals"]["nodes"] == []
    work = "{ worklist(kinds: [REFERRAL_REFUSED], first: 100) { nodes { why toDo case { id } } } }"
    (item,) = [one for one in (await station.data(work))["worklist"]["nodes"] if one["case"]["id"] == id]
    assert item["why"]
    assert item["toDo"]

    again = await referred(station, id, second)
    for act, state, case in (
        ("acceptReferral", "ACCEPTED", "REFERRED"),
        ("startTransfer", "IN_TRANSFER", "REFERRED"),
        ("admitCase", "ADMITTED", "HOSPITALISED"),
    ):
        answer = await do(clinic, act, REFERRED, id=again)
        assert (answer["referral"]["state"], answer["case"]["state"]) == (state, case)
    shown = (await station.data(SEEN, {"id": id}))["case"]
    assert [(one["state"], one["answer"]) for one in shown["referrals"]] == [
        ("ADMITTED", None),
        ("REFUSED", "Hết giường"),
    ]
    assert [one["state"] for one in (await clinic.data(SEEN, {"id": id}))["case"]["referrals"]] == ["ADMITTED"]
    wrong = await conflict(clinic, "refuseReferral", "WRONG_STATE", id=again, reason="Nhầm")
    assert (wrong["state"], "DISCHARGE" in wrong["allowed"]) == ("ADMITTED", True)
    home = await do(clinic, "dischargeCase", REFERRED, id=again, recovered=True)
    assert home["referral"]["state"] == "DISCHARGED"
    assert (await station.data(SEEN, {"id": id}))["case"]["state"] == "RELEASE_DUE"
    assert (await clinic.ask(SEEN, {"id": id})).code == "NOT_FOUND"


async def test_who_dies_in_hospital_is_told_to_the_station_and_seen_by_the_hospital_no_more(
    api: Api, station: Api, tokens: dict[str, str]
) -> None:
    hospital = api.acting(tokens["hospital"])
    id = await confirmed(api, station, symptoms=["dyspnoea"])
    other = await confirmed(api, station, symptoms=["dyspnoea"])
    referral = await referred(station, id, (await clinics(station))[0])
    # It sees that case and nobody else's, in no list of the ward's.
    assert (await hospital.data(SEEN, {"id": id}))["case"]["person"]["name"]
    assert (await hospital.ask(SEEN, {"id": other})).code == "NOT_FOUND"
    for query in ("cases", "declarations", "alerts", "worklist"):
        reply = await hospital.ask(f"{{ {query} {{ nodes {{ __typename }} }} }}")
        assert reply.json["data"] is None or reply.json["data"][query]["nodes"] == [], query
    async with listening(station) as alerts:
        await do(hospital, "admitCase", REFERRED, id=referral, note="Đến bằng xe cấp cứu")
        await refused(hospital, "recordDeath", "InvalidInput", caseId=id, on="2022-03-19")
        await do(hospital, "recordDeath", caseId=id, on="2022-03-18", note="Suy hô hấp")
        event = (await alerts.next("1"))["alerts"]
        assert (event["alert"]["case"]["id"], event["alert"]["state"]) == (id, "RESOLVED")
    shown = (await station.data(SEEN, {"id": id}))["case"]
    assert (shown["state"], shown["referrals"][0]["state"], shown["allowedActions"]) == ("DECEASED", "DIED", [])
    assert (await hospital.ask(SEEN, {"id": id})).code == "NOT_FOUND"
    wrong = await conflict(station, "recordContact", "WRONG_STATE", caseId=id, outcome="REACHED")
    assert (wrong["state"], wrong["allowed"]) == ("DECEASED", [])


async def test_a_referral_that_is_taken_back_brings_the_person_home(
    api: Api, station: Api, tokens: dict[str, str]
) -> None:
    hospital = api.acting(tokens["hospital"])
    id = await confirmed(api, station)
    referral = await referred(station, id, (await clinics(station))[0])
    await refused(hospital, "cancelReferral", "NotFound", caseId=id, reason="Không cần")
    back = await do(station, "cancelReferral", "case { state }", caseId=id, reason="SpO2 97 trở lại")
    assert back["case"]["state"] == "HOME_ISOLATION"
    assert (await hospital.ask(SEEN, {"id": id})).code == "NOT_FOUND"
    await refused(hospital, "admitCase", "NotFound", id=referral)
