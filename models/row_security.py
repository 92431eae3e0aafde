"""The second wall: what each login may do with each table, and which rows the application's transactions can see.

The ranges that the policies read are told by `models.bounds` for one transaction. Every policy compares integers with
`current_setting` called directly: PostgreSQL can use an index for that, because nothing of it can leak a row, which
a comparison of paths in a sub-select could (ten times slower, measured).
"""

import hashlib
from dataclasses import dataclass
from typing import Any

from tortoise.backends.asyncpg.client import AsyncpgDBClient

_READ = "SELECT"
_WRITE = "SELECT, INSERT, UPDATE, DELETE"
_APPEND = "SELECT, INSERT, UPDATE (area_no)"
"""Append only; a subtree that moves takes its rows' numbers along, and nothing else of these rows ever changes."""

_GRANTEE = "nullif(current_setting('app.grantee', true), '')"
_DECLARATIONS = f"(SELECT g.declaration_id FROM case_grant g WHERE g.grantee = {_GRANTEE} AND g.ended_at IS NULL)"
_ADMITTED = (
    f"(SELECT g.case_id FROM case_grant g WHERE g.grantee = {_GRANTEE} AND g.ended_at IS NULL AND g.kind = 'HOSPITAL')"
)
"""The cases that a hospital was asked to take: it writes what becomes of them. Who has sent a case away reads only."""
_CASES = (
    f"(SELECT g.case_id FROM case_grant g WHERE g.grantee = {_GRANTEE} AND g.ended_at IS NULL"
    " AND g.declaration_id IS NULL)"
)

_OWN_CASES = "(SELECT o.id FROM case_outline o WHERE o.own)"
"""The cases that were opened from the resident's own phone."""


def _range(kind: str, column: str = "area_no") -> str:
    # Outside a transaction that was told, the setting is '' or missing: then no row, and no error.
    lo, hi = (f"nullif(current_setting('app.{kind}_{end}', true), '')::int" for end in ("lo", "hi"))
    return f"({column} >= {lo} AND {column} <= {hi})"


@dataclass(frozen=True, slots=True)
class Table:
    """What the application's and the service's login may do; `seen` and `written` are the application's policies.

    Without `seen` the table holds nothing of a person and has no row security. `written` is which rows may be added or
    changed, by default those that may be seen. One that is seen and not written is not found for changing, as if it
    were not there: who acts on a case with others resting in it then changes those that are theirs.
    """

    application: str = ""
    service: str = _WRITE
    seen: str | None = None
    written: str | None = None


TABLES: dict[str, Table] = {
    # Not its password, its second factor and the provider's name for it.
    "account": Table(
        "SELECT (id, username, display_name, role, area_id, station_id, created_at, disabled_at,"
        " must_change_password, totp_confirmed_at, version, doctor)"
    ),
    "ack_histogram": Table("SELECT, INSERT, UPDATE", seen=_range("counts")),
    "alert": Table(
        "SELECT, INSERT, UPDATE", seen=f"{_range('alerts')} OR case_id IN {_CASES}", written=_range("alerts")
    ),
    "alert_event": Table("SELECT, INSERT", _APPEND, seen=_range("alerts")),
    "area": Table(_READ),
    "area_change": Table(_READ),
    "area_count": Table("SELECT, INSERT, UPDATE", seen=_range("counts")),
    "assessment": Table(
        "SELECT, INSERT",
        seen=f"{_range('cases')} OR declaration_id IN {_DECLARATIONS} OR case_id IN {_CASES}",
        written=_range("cases"),
    ),
    "audit": Table("SELECT, INSERT", _APPEND, seen=_range("cases"), written="true"),
    "audit_link": Table(service="SELECT, INSERT"),
    "audit_subject": Table(service="SELECT, INSERT"),
    "case_grant": Table(
        "SELECT, INSERT, UPDATE",
        seen=f"grantee = {_GRANTEE} AND ended_at IS NULL",
        written="EXISTS (SELECT FROM illness_case c WHERE c.id = case_id)",
    ),
    **{
        name: Table(
            rights,
            seen=f"{_range('cases')} OR case_id IN {_CASES}",
            written=f"{_range('cases')} OR case_id IN {_ADMITTED}",
        )
        for name, rights in {
            "case_event": "SELECT, INSERT",
            "certificate": "SELECT, INSERT, UPDATE",
            "contact_attempt": "SELECT, INSERT",
            "dispensing": "SELECT, INSERT",
            "person_merge": "SELECT, INSERT, UPDATE",
            "referral": "SELECT, INSERT, UPDATE",
            "release_test": "SELECT, INSERT, UPDATE",
        }.items()
    },
    # A resident reads what their own phone has reported of the case that was opened from it.
    "check_in": Table(
        "SELECT, INSERT",
        seen=f"{_range('cases')} OR case_id IN {_CASES} OR (account_id IS NULL AND case_id IN {_OWN_CASES})",
        written=f"{_range('cases')} OR case_id IN {_ADMITTED}",
    ),
    "declaration": Table(
        "SELECT, INSERT, UPDATE",
        seen=f"{_range('cases')} OR id IN {_DECLARATIONS} OR case_id IN {_CASES}",
        written=_range("cases"),
    ),
    "duty": Table("SELECT, INSERT, UPDATE", seen=_range("cases")),
    # Uploaded, and taken by whoever owns it, through the service alone: until then it is in no area.
    "evidence": Table("SELECT", seen=f"{_range('cases')} OR case_id IN {_CASES} OR declaration_id IN {_DECLARATIONS}"),
    "gathering": Table(),
    "illness_case": Table(
        "SELECT, INSERT, UPDATE",
        seen=f"{_range('cases')} OR id IN {_CASES}",
        written=f"{_range('cases')} OR id IN {_ADMITTED}",
    ),
    "installation": Table(_READ),
    "outbox_message": Table("INSERT", seen="false", written="true"),
    "person": Table("SELECT, INSERT", seen="EXISTS (SELECT FROM illness_case c WHERE c.person_id = person.id)"),
    "person_key": Table("SELECT", seen="EXISTS (SELECT FROM illness_case c WHERE c.person_id = person_key.person_id)"),
    "presence": Table(_READ),
    "protocol": Table(_READ),
    "rate_limit": Table(),
    "refresh_token": Table(),
    "session": Table(),
    "signing_key": Table(),
    "station": Table(_READ),
    "stock_balance": Table("SELECT, INSERT, UPDATE", seen=_range("cases")),
    "stock_entry": Table("SELECT, INSERT", seen=_range("cases")),
    "submission": Table(
        "SELECT",
        seen=f"{_range('cases')} OR id IN (SELECT d.submission_id FROM declaration d WHERE d.id IN {_DECLARATIONS})",
    ),
    "transfer": Table(
        "SELECT, INSERT, UPDATE", seen=f"{_range('cases')} OR {_range('cases', 'from_no')} OR case_id IN {_CASES}"
    ),
    "tortoise_migrations": Table(_READ, _READ),
    "verification": Table(),
}
"""Every table. One that is not here can be used by nobody but the owner, and a test says so."""

# A view runs with its owner's rights, who sees all; so its own condition is the wall. It has no column that says who
# somebody is: a committee, and a resident for a case that others report too, read this and never the table.
_OWN = f"coalesce('phone:' || phone_hash = {_GRANTEE}, false)"
_OUTLINE = f"""
CREATE OR REPLACE VIEW case_outline WITH (security_barrier) AS
SELECT id, person_id, disease, area_id, area_no, station_id, state, verified, sex, age_band, severe, high_risk, danger,
  rank, opened_at, confirmed_at, contacted_at, closed_at, anonymised_at, version,
  {_OWN} AS own, check_in_due, last_check_in_at, checks_missed,
  CASE WHEN {_OWN} THEN test_on END AS test_on, CASE WHEN {_OWN} THEN release_on END AS release_on,
  CASE WHEN {_OWN} THEN vaccine_doses END AS vaccine_doses
FROM illness_case WHERE {_range("alerts")}
  OR id IN (SELECT g.case_id FROM case_grant g WHERE g.grantee = {_GRANTEE} AND g.ended_at IS NULL)
"""

# When somebody is on duty, without who: how many are, everybody sees who sees stations.
_DUTY_HOURS = """
CREATE OR REPLACE VIEW duty_hours WITH (security_barrier) AS
SELECT id, level, station_id, area_id, weekdays, starts, ends FROM duty WHERE ended_at IS NULL
"""


# All that makes the wall, as PostgreSQL has it: policies, whether they hold, and who may do what.
_CATALOGUE = """
SELECT md5(string_agg(line, E'\\n' ORDER BY line)) FROM (
  SELECT to_jsonb(p)::text AS line FROM pg_policies p WHERE schemaname = 'public'
  UNION ALL SELECT concat_ws(' ', relname, relrowsecurity, relforcerowsecurity, relacl)
    FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v')
  UNION ALL SELECT concat_ws(' ', attrelid::regclass, attname, attacl)
    FROM pg_attribute WHERE attacl IS NOT NULL AND attrelid::regclass::text IN
      (SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace)
) AS l
"""


async def secure(connection: Any, application: str, service: str) -> None:
    """Grants the two logins their part and puts the wall up, as the owner. Does nothing where all of it stands.

    Where both logins are one, or are the owner, that login sees everything: there is no second wall then. Raises
    asyncpg.PostgresError.
    """
    owner = str(await connection.fetchval("SELECT current_user"))
    statements = _statements(owner, application, service)
    mark = hashlib.sha256("\n".join(statements).encode()).hexdigest()
    # What stands is left alone: a policy that is made anew locks its table, and every process that starts comes here.
    # What somebody has changed by hand is not what stands.
    said = await connection.fetchval("SELECT obj_description(to_regclass('case_outline'))")
    if said == f"{mark} {await connection.fetchval(_CATALOGUE)}":
        return
    async with connection.transaction():
        await connection.execute("SET LOCAL lock_timeout = '5s'")
        for policy, table in await connection.fetch(
            "SELECT policyname, tablename FROM pg_policies WHERE schemaname = current_schema()"
        ):
            await connection.execute(f"DROP POLICY {_name(policy)} ON {_name(table)}")
        for statement in statements:
            await connection.execute(statement)
        await connection.execute(f"COMMENT ON VIEW case_outline IS '{mark} {await connection.fetchval(_CATALOGUE)}'")


async def wall_stands(connection: AsyncpgDBClient) -> bool:
    """Whether the wall holds for the login of this connection: no superuser, not the owner, not the service."""
    _, rows = await connection.execute_query(
        "SELECT 1 FROM pg_roles r WHERE r.rolname = current_user AND NOT r.rolsuper AND NOT r.rolbypassrls"
        " AND NOT EXISTS (SELECT FROM pg_policies p WHERE p.policyname = 'everything' AND r.rolname = ANY (p.roles))"
    )
    return bool(rows)


def _statements(owner: str, application: str, service: str) -> list[str]:
    made = [_OUTLINE, _DUTY_HOURS]
    logins = {application, service} - {owner}
    for login in sorted(logins):
        name = _name(login)
        made += [
            f"GRANT USAGE ON SCHEMA public TO {name}",
            f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {name}",
            f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {name}",
            f"GRANT SELECT ON case_outline, duty_hours TO {name}",
        ]
    for table, rights in TABLES.items():
        made += [
            f"GRANT {granted} ON {table} TO {_name(login)}"
            for login, granted in ((application, rights.application), (service, rights.service))
            if granted and login != owner
        ]
        if rights.seen is not None:
            made += _walls(table, rights, owner, application, service)
    return made


def _walls(table: str, rights: Table, owner: str, application: str, service: str) -> list[str]:
    everybody = ", ".join(_name(login) for login in sorted({owner, service}))
    made = [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        # Forced, so that not even the owner's login reads it by an oversight of whoever hands it out.
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY everything ON {table} TO {everybody} USING (true) WITH CHECK (true)",
    ]
    if application not in (owner, service):
        name, written = _name(application), rights.written or rights.seen
        made += [
            f"CREATE POLICY seen ON {table} FOR SELECT TO {name} USING ({rights.seen})",
            f"CREATE POLICY added ON {table} FOR INSERT TO {name} WITH CHECK ({written})",
            f"CREATE POLICY changed ON {table} FOR UPDATE TO {name} USING (({rights.seen}) AND ({written}))"
            f" WITH CHECK ({written})",
        ]
    return made


def _name(login: str) -> str:
    return '"' + login.replace('"', '""') + '"'
