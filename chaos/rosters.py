"""Who is on duty in a run, so that every red calls somebody.

A station where nobody is on duty calls nobody while its screen is open, for somebody sits before it. So whoever listens
in a run has somebody on duty as well; a station where nobody listens and nobody is on duty climbs at once.
"""

from typing import Any

from simulation.client import Client, Refused

_STATIONS = """\
query Stations($after: String) {
  stations(first: 100, after: $after) {
    nodes { id kind area { id } }
    pageInfo { hasNextPage endCursor }
  }
}"""
_ADD = """\
mutation Add($input: AddDutyInput!) { addDuty(input: $input) { __typename ... on Problem { code message } } }"""

_WEEK = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"]


async def keep_rosters(client: Client, department: str, city: str, listening: set[str]) -> int:
    """Puts people on duty at the stations of these wards, at all medical centres and for the city; how many.

    Raises Refused.
    """
    found: list[dict[str, Any]] = []
    after = None
    while True:
        page = (await client.call(_STATIONS, {"after": after}, department))["stations"]
        found += page["nodes"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    stations = [one["id"] for one in found if one["kind"] == "MEDICAL_CENTRE" or one["area"]["id"] in listening]
    posts = [{"areaId": city}, *({"stationId": id} for id in stations)]
    for number, post in enumerate(posts):
        shift = {
            "name": "Người Trực",
            "phone": f"+8496{number:07d}",
            "weekdays": _WEEK,
            "from": "00:00",
            "until": "00:00",
        }
        added = (await client.call(_ADD, {"input": {**post, "shift": shift}}, department))["addDuty"]
        if added["__typename"] != "RosterChanged":
            raise Refused(added["code"], added["message"])
    return len(posts)
