"""Letters by e-mail: what they say, how a server is named, and what becomes of what it answers."""

import asyncio
import email
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from email import policy
from pathlib import Path
from uuid import UUID

import pytest

from alerts.console_mail import ConsoleMailGateway
from alerts.gateway import GatewayFault, MessageRefused, Text
from alerts.mail import Attached, Mail, is_mail, mail_of, mail_words
from alerts.smtp_gateway import SmtpGateway, SmtpServer, read_smtp_url
from models.state import MessageKind

ID = UUID("018f3b6e-6d5c-7abc-8def-0123456789ab")
PDF = Attached("ACDE.pdf", "application/pdf", b"%PDF-1.7 \x00\xff")
MAIL = Mail(ID, "vy@example.vn", "Kính gửi ông/bà,\n", 5, "Giấy xác nhận", PDF)


class Server:
    """An SMTP server that says what it is told to say, and keeps the letters that it was given."""

    def __init__(self, recipient: str = "250 ok", data: str = "250 taken") -> None:
        self.recipient, self.data = recipient, data
        self.letters: list[bytes] = []
        self.port = 0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""

        def say(line: str) -> None:
            writer.write(f"{line}\r\n".encode())

        say("220 here")
        while line := (await reader.readline()).decode().strip():
            match line.split()[0].upper():
                case "EHLO":
                    say("250 here")
                case "RCPT":
                    say(self.recipient)
                case "DATA":
                    say("354 go on")
                    self.letters.append(await reader.readuntil(b"\r\n.\r\n"))
                    say(self.data)
                case "QUIT":
                    say("221 bye")
                    break
                case _:
                    say("250 ok")
        writer.close()


@asynccontextmanager
async def serving(server: Server) -> AsyncIterator[SmtpGateway]:
    """The server, and a gateway to it."""
    listener = await asyncio.start_server(server.talk, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    async with listener:
        yield SmtpGateway(SmtpServer("127.0.0.1", port, tls=False, plain=True), "khaibao@example.vn")


async def test_a_letter_is_handed_in_with_its_file(tmp_path: Path) -> None:
    server = Server()
    async with serving(server) as gateway:
        assert await gateway.send(MAIL) is None
        await gateway.send(MAIL)
    first, again = (email.message_from_bytes(one, policy=policy.default) for one in server.letters)
    assert (first["To"], first["From"], first["Subject"]) == ("vy@example.vn", "khaibao@example.vn", "Giấy xác nhận")
    # The same at each try: a reader shows a repeat as one.
    assert first["Message-ID"] == again["Message-ID"] == f"<{ID}@example.vn>"
    (file,) = first.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("ACDE.pdf", PDF.data)
    said = first.get_body()
    assert said is not None
    assert said.get_content().startswith("Kính gửi")


@pytest.mark.parametrize(
    ("server", "refused", "code"),
    [
        (Server(recipient="550 no such mailbox"), MessageRefused, "SMTP_550"),
        (Server(recipient="451 come again"), GatewayFault, "SMTP_451"),
        (Server(data="552 too large"), GatewayFault, "SMTP_552"),
    ],
)
async def test_only_what_is_said_of_the_recipient_is_final(
    server: Server, refused: type[MessageRefused | GatewayFault], code: str
) -> None:
    async with serving(server) as gateway:
        with pytest.raises(refused) as found:
            await gateway.send(MAIL)
    assert str(found.value) == code


async def test_nobody_adds_a_header_by_way_of_an_address() -> None:
    server = Server()
    async with serving(server) as gateway:
        with pytest.raises(ValueError, match="linefeed"):
            await gateway.send(replace(MAIL, to="vy@example.vn\nBcc: all@example.vn"))
    assert server.letters == []


async def test_a_text_is_no_letter(tmp_path: Path) -> None:
    text = Text(ID, "+84912345678", "x")
    for gateway in (ConsoleMailGateway(tmp_path), SmtpGateway(SmtpServer("localhost", 1, tls=False), "a@b")):
        with pytest.raises(MessageRefused):
            await gateway.send(text)


async def test_without_a_server_letters_lie_in_a_folder_of_its_owner_s(tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    gateway = ConsoleMailGateway(folder)
    await gateway.send(replace(MAIL, attached=replace(PDF, name="../../etc/passwd")))
    await gateway.send(MAIL)
    assert sorted(path.name for path in folder.iterdir()) == [f"{ID}.pdf", f"{ID}.txt"]
    assert (folder / f"{ID}.pdf").read_bytes() == PDF.data
    assert (folder / f"{ID}.txt").read_text(encoding="utf-8").startswith("To: vy@example.vn\n")
    assert all(path.stat().st_mode & 0o077 == 0 for path in (folder, *folder.iterdir()))
    await gateway.close()


def test_what_was_sealed_is_the_letter_again() -> None:
    sealed = {"to": MAIL.to, "body": MAIL.body, "subject": MAIL.subject, "attached": PDF.told()}
    assert is_mail(sealed)
    assert mail_of(Text(ID, MAIL.to, MAIL.body, 5), sealed) == MAIL
    assert not is_mail({"to": "+84912345678", "body": "x"})
    assert "vy@example.vn" not in repr(MAIL)
    assert "%PDF" not in repr(MAIL)


def test_a_letter_speaks_vietnamese_and_english_and_names_nobody() -> None:
    subject, body = mail_words(MessageKind.CERTIFICATE, {"code": "ACDE", "link": "https://kb.example/c/ACDE"})
    assert subject == "Giấy xác nhận hoàn thành cách ly / Certificate of completed isolation"
    assert body.index("Kính gửi") < body.index("Dear Sir")
    assert body.count("https://kb.example/c/ACDE") == 2
    assert "{" not in body


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtps://mail.example", SmtpServer("mail.example", 465, tls=True)),
        ("smtp://mail.example", SmtpServer("mail.example", 587, tls=False)),
        ("smtp://localhost:25", SmtpServer("localhost", 25, tls=False, plain=True)),
        ("smtp://me:s%40y@mail.example:2525", SmtpServer("mail.example", 2525, False, False, "me", "s@y")),
    ],
)
def test_a_server_is_named_by_a_url(url: str, server: SmtpServer) -> None:
    assert read_smtp_url(url) == server
    assert "s@y" not in repr(server)


@pytest.mark.parametrize("url", ["mail.example", "http://mail.example", "smtp://", "smtp://mail.example:port"])
def test_what_names_no_server_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="must"):
        read_smtp_url(url)
