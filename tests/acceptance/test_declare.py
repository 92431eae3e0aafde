"""What a resident notices."""

import asyncio
from typing import Any

from tests.acceptance.client import Api
from tests.acceptance.declaring import DECLARE, breathless, declare, household, person

RECEIPT = "query ($code: String!) { receipt(code: $code) { code state station { name } advice } }"


async def test_a_household_gets_a_receipt_with_what_to_do_now(api: Api) -> None:
    receipt = await declare(api, breathless(), person(birthDate=None, birthYear=1950, conditions=["diabetes"]))
    assert receipt["__typename"] == "Receipt"
    assert receipt["station"]["name"]
    assert receipt["advice"]
    first, second = (one["case"]["assessment"] for one in receipt["declarations"])
    assert (first["severe"], first["danger"], first["highRisk"]) == (True, "RED", False)
    assert (second["severe"], second["danger"], second["highRisk"]) == (False, None, True)
    assert first["reasons"][0]["text"]
    assert "spo2" in first["missing"]


async def test_a_receipt_can_be_asked_for_again_and_tells_nothing_of_the_person(api: Api) -> None:
    receipt = await declare(api, breathless())
    typed = receipt["code"].lower().replace("-", " ")
    status = (await api.data(RECEIPT, {"code": typed}))["receipt"]
    assert (status["code"], status["state"]) == (receipt["code"], "SUBMITTED")
    assert "dyspnoea" not in str(status)


async def test_an_unknown_receipt_is_not_found(api: Api) -> None:
    reply = await api.ask(RECEIPT, {"code": "AAAAA-AAAAA"})
    assert (reply.code, reply.json["data"]) == ("NOT_FOUND", {"receipt": None})


FAULTY: dict[str, Any] = household(
    person(fullName=" ", birthDate="2050-01-01", symptoms=["cough", "no_such_symptom"]),
    person(test={"kind": "rapid_antigen", "takenOn": "2022-01-01"}, vitals={"spo2": 300}),
    contact={"phone": "12", "declaredBy": "Trần Văn Chủ"},
    address={"areaCode": "00000", "street": "12 Lê Lợi"},
)
FAULTS = {
    ("people.0.fullName", "REQUIRED"),
    ("people.0.birthDate", "IN_FUTURE"),
    ("people.0.symptoms.1", "UNKNOWN_CODE"),
    ("people.1.test.takenOn", "TEST_OUTSIDE_WINDOW"),
    ("people.1.vitals.spo2", "OUT_OF_BOUNDS"),
    ("contact.phone", "BAD_PHONE"),
    ("address.areaCode", "UNKNOWN_AREA"),
}


async def test_all_faults_come_at_once_in_the_language_of_the_reader(api: Api) -> None:
    answers = [
        (await api.data(DECLARE, {"input": FAULTY}, accept_language=language))["declare"] for language in ("vi", "en")
    ]
    for answer in answers:
        assert answer["code"] == "INVALID_INPUT"
        assert {(fault["path"], fault["code"]) for fault in answer["fields"]} == FAULTS
    vietnamese, english = ({fault["path"]: fault["message"] for fault in answer["fields"]} for answer in answers)
    assert vietnamese["people.1.vitals.spo2"] == "Phải từ 50 đến 100 %."
    assert english["people.1.vitals.spo2"] == "This must be from 50 to 100 %."
    assert all(vietnamese[path] != english[path] for path in vietnamese)


async def test_ten_sends_at_once_are_one_declaration(api: Api) -> None:
    sent = household(breathless())
    answers = await asyncio.gather(*(api.data(DECLARE, {"input": sent}) for _ in range(10)))
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["declare"]["__typename"] == "Receipt"


async def test_the_same_key_with_another_body_is_a_conflict(api: Api) -> None:
    first = household()
    await api.data(DECLARE, {"input": first})
    answer = (await api.data(DECLARE, {"input": {**first, "people": [person()]}}))["declare"]
    assert (answer["code"], answer["reason"]) == ("CONFLICT", "IDEMPOTENCY_KEY_REUSED")


async def test_a_zero_character_is_a_fault_at_its_place(api: Api) -> None:
    odd = {**household(person(fullName="A\0B")), "idempotencyKey": "with a \0 in it"}
    answer = (await api.data(DECLARE, {"input": odd}))["declare"]
    assert {(fault["path"], fault["code"]) for fault in answer["fields"]} == {
        ("idempotencyKey", "BAD_CHARACTER"),
        ("people.0.fullName", "BAD_CHARACTER"),
    }


async def test_a_form_can_be_drawn_from_the_protocol(api: Api) -> None:
    query = "{ protocol { version symptoms { code text } vitals { code unit minimum maximum } maxPeople } }"
    english = (await api.data(query, accept_language="en"))["protocol"]
    vietnamese = (await api.data(query, accept_language="vi-VN,en;q=0.5"))["protocol"]
    assert english["version"] == vietnamese["version"] == "covid19-hcmc-2022-03-17"
    assert {"code": "spo2", "unit": "%", "minimum": 50.0, "maximum": 100.0} in english["vitals"]
    assert english["symptoms"] != vietnamese["symptoms"]
