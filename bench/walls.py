"""What the second wall costs: the same questions with row-level security on, and with it switched off."""

from typing import Any

from bench.demo_server import DemoServer, demo_server
from bench.rounds import figure
from bench.sizes import QUESTIONS, ask, asker, prepare

_STATION = "station-26740"
_CENTRE = "centre-769"
_CASE = "id state severe highRisk danger ageBand openedAt area { name } assessment { reasons { code } }"
_WORK = f"cases(first: 50, states: [SUSPECTED]) {{ nodes {{ {_CASE} alerts {{ kind state }} }} }}"

_QUESTIONS = {
    "worklist_of_a_station": (_STATION, f"{{ {_WORK} }}"),
    "worklist_of_a_centre": (_CENTRE, f"{{ {_WORK} }}"),
    "declarations_of_a_centre": (_CENTRE, "{ declarations(first: 50) { nodes { id state danger submittedAt } } }"),
    **QUESTIONS,
}

# The owner's statement, between two rounds: the tables stay as they are, and so does everything that the API says.
_SWITCH = """
DO $$ DECLARE name text; BEGIN
  FOR name IN SELECT DISTINCT tablename FROM pg_policies WHERE schemaname = 'public' LOOP
    EXECUTE format('ALTER TABLE %I {} ROW LEVEL SECURITY', name);
  END LOOP;
END $$
"""


async def measure_walls(port: int, *, cases: int, rounds: int, asks: int = 40) -> dict[str, Any]:
    """The ratio of each question's time with the wall to without it, round by round in turns.

    The ranges are told to the database in both: that costs no round trip, for it goes with the opening statement.
    """
    found: dict[str, Any] = {"cases": cases}
    async with demo_server(port) as server:
        found["postgresql"] = await server.version()
        await prepare(server, cases)
        for name, (account, document) in _QUESTIONS.items():
            client, body, token = await asker(server, account, document)
            await ask(client, body, token, asks)
            pairs = []
            for _ in range(rounds):
                await _switch(server, "DISABLE")
                # The first answers after a switch plan their statements anew.
                await ask(client, body, token, 5)
                without = await ask(client, body, token, asks)
                await _switch(server, "ENABLE")
                await ask(client, body, token, 5)
                pairs.append((without, await ask(client, body, token, asks)))
            client.close()
            found[name] = {
                "ms_without": figure([one[0] for one in pairs]).record(),
                "ms_with": figure([one[1] for one in pairs]).record(),
                "ratio": figure([one[1] / one[0] for one in pairs]).record(),
            }
    return found


async def _switch(server: DemoServer, how: str) -> None:
    connection = await server.connect()
    try:
        await connection.execute(_SWITCH.format(how))
    finally:
        await connection.close()
