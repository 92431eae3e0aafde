"""From a drawn household to the request that its phone sends."""

from typing import Any

import orjson

from simulation.household import Household, Person
from simulation.operations import DECLARE

_HEAD = b'{"query":' + orjson.dumps(DECLARE) + b',"variables":{"input":'
_TAIL = b"}}"


def declare_body(household: Household, run: str) -> bytes:
    """The request's body. `run` tells one replay's idempotency keys from another's."""
    return _HEAD + orjson.dumps(declare_input(household, run)) + _TAIL


def declare_input(household: Household, run: str) -> dict[str, Any]:
    """The input of `declare`."""
    return {
        "idempotencyKey": f"replay-{run}-{household.number}",
        "contact": {"phone": household.phone, "declaredBy": household.people[0].name},
        "address": {"areaCode": household.ward.code, "street": household.street},
        "people": [_person_input(person) for person in household.people],
    }


def _person_input(person: Person) -> dict[str, Any]:
    given = {
        "birthDate": person.birth_date,
        "birthYear": person.birth_year,
        "nationalId": person.national_id,
        "onsetOn": person.onset_on,
        "vaccineDoses": person.vaccine_doses,
        "pregnant": person.pregnant,
    }
    return {
        "fullName": person.name,
        "sex": person.sex.upper(),
        "relation": person.relation,
        "test": {"kind": person.test_kind, "takenOn": person.test_on},
        "symptoms": person.symptoms,
        "conditions": person.conditions,
        **{name: value for name, value in given.items() if value is not None},
    }
