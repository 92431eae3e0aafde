"""The gateways that speak HTTP, each against a real server of the test's own."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from access.keys import Key, KeyRing
from alerts.delivery_token import token_fits
from alerts.gateway import GatewayFault, MessageRefused, Text
from alerts.http_gateway import DEFAULT_TEMPLATE, BadTemplate, HttpGateway, read_template
from alerts.kannel_gateway import KannelGateway
from alerts.signature import SIGNATURE, TIMESTAMP, holds
from models.identifier import uuid7
from tests.integration.sms_server import Reply, SmsServer, sms_server

NOW = 1_647_572_400.0
TEXT = Text(uuid7(), "+84912345678", 'Mã "123456" {to}')
KEYS = KeyRing([Key("test", b"k" * 32)])


@pytest.fixture
async def server() -> AsyncIterator[SmsServer]:
    """A gateway's server."""
    async with sms_server() as server:
        yield server


@pytest.fixture
def self_signed(tmp_path: Path) -> ssl.SSLContext:
    """A server's TLS with a certificate that it has signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "server.pem"
    file.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + certificate.public_bytes(Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


async def post(server: SmsServer, text: Text = TEXT, template: str = DEFAULT_TEMPLATE) -> str | None:
    gateway = HttpGateway(
        server.url, read_template(template), secret="secret", authorization="Bearer key", now=lambda: NOW
    )
    try:
        return await gateway.send(text)
    finally:
        await gateway.close()


async def kannel(server: SmsServer, text: Text = TEXT, *, receipt_url: str | None = None) -> None:
    gateway = KannelGateway(server.url, "khaibao", "geheim", sender="1022", receipt_url=receipt_url, keys=KEYS)
    try:
        await gateway.send(text)
    finally:
        await gateway.close()


async def test_a_message_is_posted_signed_and_under_its_id(server: SmsServer) -> None:
    server.reply = Reply(201, b'{"id": 4711}')
    assert await post(server) == "4711"
    ((headers, body),) = server.requests
    assert server.bodies == [{"id": str(TEXT.id), "to": TEXT.to, "text": TEXT.body}]
    assert headers["idempotency-key"] == str(TEXT.id)
    assert headers["authorization"] == "Bearer key"
    assert headers["content-type"] == "application/json"
    assert holds("secret", body, headers[TIMESTAMP], headers[SIGNATURE], NOW)


async def test_a_template_s_strings_are_filled_and_the_rest_stays(server: SmsServer) -> None:
    await post(server, template='{"messages": [{"dst": "{to}", "content": "[KB] {text}", "n": 1}], "ref": "kb-{id}"}')
    assert server.bodies == [
        {"messages": [{"dst": TEXT.to, "content": f"[KB] {TEXT.body}", "n": 1}], "ref": f"kb-{TEXT.id}"}
    ]


@pytest.mark.parametrize("template", ["{", '"{to}"', '{"to": "{to}"}', '{"{to}": "{text}"}', "[]"])
def test_a_template_without_recipient_and_text_is_refused(template: str) -> None:
    with pytest.raises(BadTemplate):
        read_template(template)


@pytest.mark.parametrize("body", [b"", b"ok", b"[]", b'{"id": null}', b'{"id": {"a": 1}}'])
async def test_a_message_that_was_taken_may_have_no_other_name(server: SmsServer, body: bytes) -> None:
    server.reply = Reply(202, body)
    assert await post(server) is None


@pytest.mark.parametrize("status", [301, 307, 400, 401, 403, 404, 409, 422, 429, 500, 503])
async def test_every_other_answer_is_a_fault_that_may_pass(server: SmsServer, status: int) -> None:
    server.reply = Reply(status, b"no such user +84912345678", {"location": server.url})
    with pytest.raises(GatewayFault) as fault:
        await post(server)
    assert str(fault.value) == f"HTTP_{status}"
    assert len(server.requests) == 1


async def test_a_refusal_that_is_said_outright_is_of_this_message(server: SmsServer) -> None:
    server.reply = Reply(422, b'{"refused": "NO_SUCH_NUMBER"}')
    with pytest.raises(MessageRefused, match="NO_SUCH_NUMBER"):
        await post(server)


async def test_a_gateway_in_trouble_refuses_nothing_for_good(server: SmsServer) -> None:
    server.reply = Reply(500, b'{"refused": "NO_SUCH_NUMBER"}')
    with pytest.raises(GatewayFault):
        await post(server)


async def test_an_endless_answer_is_not_read_to_its_end(server: SmsServer) -> None:
    server.reply = Reply(200, b"x" * 500_000)
    with pytest.raises(GatewayFault, match="ANSWER_TOO_LONG"):
        await post(server)


async def test_an_answer_that_is_lost_and_a_port_that_nobody_listens_on_are_faults(server: SmsServer) -> None:
    server.reply = Reply(lost=True)
    with pytest.raises(GatewayFault, match="BAD_ANSWER"):
        await post(server)
    server.url = "http://127.0.0.1:1/sms"
    with pytest.raises(GatewayFault, match="NO_CONNECTION"):
        await post(server)


async def test_a_server_that_cannot_prove_who_it_is_gets_nothing(server: SmsServer) -> None:
    said = asyncio.Event()

    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        said.set()
        writer.close()

    # One that speaks no TLS at all, to which nothing may be said in the clear.
    async with await asyncio.start_server(plain, "127.0.0.1", 0) as other:
        port = other.sockets[0].getsockname()[1]
        server.url = f"https://127.0.0.1:{port}/sms"
        with pytest.raises(GatewayFault, match="NO_CONNECTION"):
            await post(server)
    assert said.is_set()


async def test_a_certificate_that_nobody_trusts_is_refused(server: SmsServer, self_signed: ssl.SSLContext) -> None:
    heard: list[bytes] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read())
        writer.close()

    async with await asyncio.start_server(listen, "127.0.0.1", 0, ssl=self_signed) as other:
        port = other.sockets[0].getsockname()[1]
        server.url = f"https://localhost:{port}/sms"
        with pytest.raises(GatewayFault, match="BAD_CERTIFICATE"):
            await post(server)
    assert b"".join(heard) == b""


async def test_kannel_gets_headers_a_body_and_where_to_report_to(server: SmsServer) -> None:
    server.reply = Reply(202, b"0: Accepted for delivery")
    await kannel(server, receipt_url="https://kb.example/sms/kannel/receipt")
    ((headers, body),) = server.requests
    assert body.decode() == TEXT.body
    said = {name: headers[f"x-kannel-{name}"] for name in ("username", "password", "to", "from", "account", "dlr-mask")}
    assert said == {
        "username": "khaibao",
        "password": "geheim",
        "to": TEXT.to,
        "from": "1022",
        "account": str(TEXT.id),
        "dlr-mask": "19",
    }
    report = urlsplit(headers["x-kannel-dlr-url"])
    assert report.path == "/sms/kannel/receipt"
    query = parse_qs(report.query)
    assert (query["id"], query["kind"], query["own"]) == ([str(TEXT.id)], ["%d"], ["%F"])
    assert token_fits(KEYS, TEXT.id, query["token"][0])


@pytest.mark.parametrize(("body", "coding"), [("Ma 123456", "0"), ("Mã 123456 \N{EM DASH} ạ", "2")])
async def test_kannel_is_told_the_alphabet_that_the_text_needs(server: SmsServer, body: str, coding: str) -> None:
    server.reply = Reply(202, b"3: Queued for later delivery")
    await kannel(server, Text(uuid7(), "+84912345678", body))
    assert server.requests[0][0]["x-kannel-coding"] == coding
    assert "x-kannel-dlr-url" not in server.requests[0][0]


async def test_kannel_is_told_that_reds_go_first(server: SmsServer) -> None:
    server.reply = Reply(202)
    for priority in (0, 1, 5):
        await kannel(server, Text(uuid7(), "+84912345678", "x", priority))
    assert [headers["x-kannel-priority"] for headers, _ in server.requests] == ["3", "2", "0"]


async def test_what_kannel_never_sends_is_refused_and_all_else_may_pass(server: SmsServer) -> None:
    server.reply = Reply(400, b"Number(s) has/have been denied by white- and/or black-lists.")
    with pytest.raises(MessageRefused, match="NUMBER_DENIED"):
        await kannel(server)
    for status, said in ((403, b"Authorization failed for sendsms"), (503, b"Temporal failure"), (200, b"")):
        server.reply = Reply(status, said)
        with pytest.raises(GatewayFault, match=f"HTTP_{status}"):
            await kannel(server)


async def test_what_goes_wrong_never_quotes_number_text_or_password(server: SmsServer) -> None:
    for url in (server.url, "http://127.0.0.1:1/sms"):
        server.url, server.reply = url, Reply(lost=True)
        with pytest.raises(GatewayFault) as fault:
            await kannel(server)
        told = f"{fault.value!r} {fault.value.__cause__!r}"
        assert [secret for secret in (TEXT.to, "123456", "geheim") if secret in told] == []
