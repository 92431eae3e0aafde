"""What the replay's clients ask, word for word: the operations of a resident, a station and a committee."""

DECLARE = """\
mutation Declare($input: DeclareInput!) {
  declare(input: $input) {
    __typename
    ... on Receipt { code advice station { name phone } declarations { id state } }
    ... on Problem { problem: code message }
    ... on InvalidInput { fields { path code message } }
  }
}"""

SIGN_IN = """\
mutation SignIn($input: SignInInput!) {
  signIn(input: $input) { __typename ... on Session { token expiresAt refreshToken } ... on Problem { code message } }
}"""

REFRESH = """\
mutation Refresh($input: RefreshSessionInput!) {
  refreshSession(input: $input) {
    __typename
    ... on Session { token expiresAt refreshToken }
    ... on Problem { code message }
  }
}"""

RENEW = """\
mutation Renew($input: RenewSessionInput!) {
  renewSession(input: $input) { __typename ... on Problem { code message } }
}"""

MOVE_CLOCK = """\
mutation MoveClock($input: MoveClockInput!) {
  moveClock(input: $input) { __typename ... on ClockMoved { now } ... on Problem { code message } }
}"""

ACKNOWLEDGE = """\
mutation Acknowledge($input: AcknowledgeAlertInput!) {
  acknowledgeAlert(input: $input) { __typename ... on Problem { code message } }
}"""

INSTALLATION = "{ installation { mode now } }"

AREAS = """\
query Areas($after: String) {
  areas(first: 100, after: $after) {
    nodes { id code name level parent { id code } }
    pageInfo { hasNextPage endCursor }
  }
}"""

POSITION = "{ alerts(first: 1) { cursor } }"

ALERTS = """\
query Alerts($after: String) {
  alerts(first: 100, after: $after) {
    nodes { id kind danger state area { id } }
    pageInfo { hasNextPage endCursor }
  }
}"""

STATION_ALERTS = """\
subscription StationAlerts($after: String) {
  alerts(after: $after) {
    cursor change at
    alert { id kind danger dueAt area { id } case { id person { name phone age } } }
  }
}"""

COMMITTEE_ALERTS = """\
subscription CommitteeAlerts($after: String) {
  alerts(after: $after) {
    cursor change at
    alert { id kind danger dueAt area { id } case { id ageBand } }
  }
}"""

_FIGURES = "declared severe highRisk alerts { open overdue }"

SUMMARY = f"""\
query Summary($from: Date, $to: Date) {{
  areaSummary(from: $from, to: $to) {{
    {_FIGURES}
    byDay {{ date declared severe highRisk }}
    children {{ area {{ id }} declared severe highRisk }}
  }}
}}"""

LIVE_SUMMARY = f"subscription LiveSummary {{ areaSummary {{ {_FIGURES} }} }}"
