"""An access token opens a session only as it was signed, by a key of ours, in its time."""

import base64
import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import jwt
import orjson
import pytest
from jwt import PyJWK

from access.signing import SigningPair, new_pair, read_pair
from access.ticket import GRACE, Ticket
from access.tokens import AUDIENCE, BadToken, NoSigningKey, Tokens, UnknownKey

SESSION = UUID("018f0000-0000-7000-8000-000000000001")


def pair(begins: timedelta = timedelta(), lasts: timedelta = timedelta(days=1)) -> SigningPair:
    """A key that signs from now plus `begins` on."""
    now = datetime.now(UTC)
    return new_pair(now + begins, now + begins + lasts)


def signer(*pairs: SigningPair, issuer: str = "khaibao") -> Tokens:
    """Tokens with these keys, or with one of its own."""
    tokens = Tokens(issuer)
    tokens.follow(pairs or [pair()])
    return tokens


def forged(token: str, header: dict[str, object] | None = None, claims: dict[str, object] | None = None) -> str:
    """The token with other parts and its old signature."""
    head, body, signature = token.split(".")
    return f"{_with(head, header)}.{_with(body, claims)}.{signature}"


def _with(part: str, changes: dict[str, object] | None) -> str:
    content = {**orjson.loads(base64.urlsafe_b64decode(part + "==")), **(changes or {})}
    return base64.urlsafe_b64encode(orjson.dumps(content)).decode().rstrip("=") if changes else part


def test_a_token_says_its_session_and_when_it_ends() -> None:
    tokens = signer()
    issued = tokens.issue(SESSION, "resident")
    claims = tokens.read(issued.token)
    assert claims.session_id == SESSION
    assert claims.expires_at == issued.expires_at
    assert timedelta(minutes=14) < issued.expires_at - datetime.now(UTC) <= timedelta(minutes=15)


def test_a_token_says_nothing_else() -> None:
    content = jwt.decode(signer().issue(SESSION, "resident").token, options={"verify_signature": False})
    assert sorted(content) == ["aud", "exp", "iat", "iss", "sid", "sub"]


def test_a_token_never_outlives_its_session() -> None:
    end = (datetime.now(UTC) + timedelta(minutes=2)).replace(microsecond=0)
    assert signer().issue(SESSION, "resident", until=end).expires_at == end


def test_anybody_can_check_it_with_the_published_key() -> None:
    tokens = signer()
    (key,) = tokens.public_keys
    assert "d" not in key
    token = tokens.issue(SESSION, "resident").token
    assert jwt.decode(token, PyJWK(key), algorithms=["ES256"], audience=AUDIENCE)["sid"] == str(SESSION)


def test_another_key_s_signature_is_refused() -> None:
    ours, theirs = pair(), pair()
    stranger = SigningPair(ours.id, theirs.public, theirs.private, theirs.signs_from, theirs.signs_until)
    with pytest.raises(BadToken):
        signer(ours).read(signer(stranger).issue(SESSION, "resident").token)


def test_a_key_that_is_not_ours_is_unknown() -> None:
    with pytest.raises(UnknownKey):
        signer().read(signer().issue(SESSION, "resident").token)


def test_a_token_that_has_ended_is_refused() -> None:
    tokens = signer()
    with pytest.raises(BadToken):
        tokens.read(tokens.issue(SESSION, "resident", seconds=-1).token)


@pytest.mark.parametrize("claims", [{"sid": str(uuid4())}, {"exp": 2**40}, {"sub": "x"}, {"iss": "khaibao "}])
def test_a_changed_claim_is_refused(claims: dict[str, object]) -> None:
    tokens = signer()
    with pytest.raises(BadToken):
        tokens.read(forged(tokens.issue(SESSION, "resident").token, claims=claims))


def test_the_algorithm_is_never_the_token_s_choice() -> None:
    one = pair()
    tokens = signer(one)
    token = tokens.issue(SESSION, "resident").token
    content = jwt.decode(token, options={"verify_signature": False})
    unsigned = jwt.encode(content, "", algorithm="none", headers={"kid": one.id})
    # The public key taken for a shared secret: everybody has it.
    signed = forged(token, {"alg": "HS256"}).rpartition(".")[0]
    digest = hmac.digest(orjson.dumps(one.public_jwk), signed.encode(), "sha256")
    symmetric = f"{signed}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"
    for bad in (unsigned, symmetric, forged(token, {"alg": "none"}), forged(token, {"alg": "HS256"})):
        with pytest.raises(BadToken):
            tokens.read(bad)


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "another"},
        {"aud": "another"},
        {"sid": "none"},
        {"sid": None},
        {"exp": None},
        {"exp": "soon"},
        {"iat": []},
    ],
)
def test_even_well_signed_it_has_to_be_one_of_this_installation(changes: dict[str, object]) -> None:
    one = pair()
    content = jwt.decode(signer(one).issue(SESSION, "resident").token, options={"verify_signature": False})
    content = {name: value for name, value in {**content, **changes}.items() if value is not None}
    if changes.get("exp") == "soon" or changes.get("iat") == []:
        # jwt.encode itself refuses such times; a signer that is not ours might not.
        content = {**content, **{name: str(value) for name, value in changes.items()}}
    assert one.private is not None
    token = jwt.encode(content, one.private, algorithm="ES256", headers={"kid": one.id})
    with pytest.raises(BadToken):
        signer(one).read(token)


@pytest.mark.parametrize("token", ["", ".", "..", "a.b.c", "é.é.é", "x" * 5_000, "e30.e30.e30", "bnVsbA.bnVsbA.bnVsbA"])
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(BadToken):
        signer().read(token)


def test_the_newest_key_that_has_begun_signs() -> None:
    old, present, coming = pair(-timedelta(days=2)), pair(-timedelta(days=1)), pair(timedelta(hours=1))
    token = signer(old, coming, present).issue(SESSION, "resident").token
    assert jwt.get_unverified_header(token)["kid"] == present.id


def test_what_an_older_key_has_signed_still_counts() -> None:
    old, present = pair(-timedelta(days=2)), pair(-timedelta(days=1))
    token = signer(old).issue(SESSION, "resident").token
    assert signer(old, present).read(token).session_id == SESSION


def test_a_key_whose_private_half_is_lost_checks_and_does_not_sign() -> None:
    whole = pair()
    half = read_pair(whole.id, whole.public_jwk, None, whole.signs_from, whole.signs_until)
    tokens = signer(half)
    assert tokens.read(signer(whole).issue(SESSION, "resident").token).session_id == SESSION
    with pytest.raises(NoSigningKey):
        tokens.issue(SESSION, "resident")


def test_a_pair_comes_back_from_its_stored_halves() -> None:
    whole = pair()
    again = read_pair(whole.id, whole.public_jwk, dict(whole.private_jwk), whole.signs_from, whole.signs_until)
    assert signer(whole).read(signer(again).issue(SESSION, "resident").token).session_id == SESSION


async def test_an_unknown_key_makes_it_look_once_and_forged_ones_do_not() -> None:
    made_elsewhere = pair()
    tokens, looks = signer(), 0

    async def look() -> None:
        nonlocal looks
        looks += 1
        tokens.follow([made_elsewhere])

    tokens.look = look
    token = signer(made_elsewhere).issue(SESSION, "resident").token
    assert (await tokens.check(token)).session_id == SESSION
    for _ in range(100):
        with pytest.raises(BadToken):
            await tokens.check(signer().issue(SESSION, "resident").token)
    assert looks == 1


def test_a_ticket_is_over_some_time_after_its_token() -> None:
    now = datetime.now(UTC)
    assert not Ticket(now + timedelta(seconds=1)).over()
    assert not Ticket(now - GRACE / 2).over()
    assert Ticket(now - GRACE * 2).over()


async def test_a_token_that_was_checked_is_known_again_until_it_ends() -> None:
    tokens = signer()
    issued = tokens.issue(SESSION, "resident", seconds=1)
    first = await tokens.check(issued.token)
    assert await tokens.check(issued.token) is first
    over = tokens.issue(SESSION, "resident", until=datetime.now(UTC) - timedelta(seconds=1)).token
    # As if it had been checked in its time.
    tokens._read[hashlib.sha256(over.encode()).digest()] = replace(first, expires_at=datetime.now(UTC))
    with pytest.raises(BadToken):
        await tokens.check(over)


async def test_a_token_that_was_checked_is_none_any_more_once_its_key_is_not_published() -> None:
    tokens = signer()
    issued = tokens.issue(SESSION, "resident")
    await tokens.check(issued.token)
    tokens.follow([pair()])
    with pytest.raises(BadToken):
        await tokens.check(issued.token)


async def test_what_looks_like_a_token_that_was_checked_is_none() -> None:
    tokens = signer()
    issued = tokens.issue(SESSION, "resident")
    await tokens.check(issued.token)
    for other in (issued.token + "A", issued.token[:-2], forged(issued.token, claims={"sub": "x"}), "é", "x" * 5_000):
        with pytest.raises(BadToken):
            await tokens.check(other)
