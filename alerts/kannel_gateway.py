"""Kannel's sendsms: the message as a posted body with headers, and a URL for Kannel to report to."""

from urllib.parse import quote, urlencode

from access.keys import KeyRing
from alerts.delivery_token import delivery_token
from alerts.gateway import GatewayFault, MessageRefused, Text
from alerts.gateway_call import Answer, GatewayCall
from alerts.gsm7 import is_gsm7

DELIVERED_REPORT = "1"
"""The kind of report that says that a message has reached its phone."""

KANNEL_FAILURES = {"2": "NOT_DELIVERED", "16": "CARRIER_REFUSED"}
"""The kinds of report that say that a message will not arrive, and what we write down for them."""

_MASK = sum(int(kind) for kind in (DELIVERED_REPORT, *KANNEL_FAILURES))

_GSM7, _UCS2 = "0", "2"

# The higher the sooner, within Kannel's own queues: reds before everything.
_FIRST, _LAST = 3, 0

_DENIED = b"white- and/or black-lists"


class KannelGateway:
    """Hands each message to Kannel's smsbox.

    By headers and not by a URL's parameters, so that password and number stand in no log of requests. Kannel knows no
    idempotency key: our id goes along as the account, which Kannel writes in its log beside what it sent.
    """

    name = "kannel"

    def __init__(
        self,
        url: str,
        username: str,
        password: str,
        *,
        sender: str | None = None,
        receipt_url: str | None = None,
        keys: KeyRing,
    ) -> None:
        """`url` is smsbox's sendsms; without `receipt_url`, where Kannel reaches us, no reports are asked for."""
        self._call = GatewayCall(url)
        self._username, self._password = username, password
        self._sender = sender
        self._receipt_url = receipt_url
        self._keys = keys

    async def send(self, text: Text) -> None:
        """Hands the message over. Raises MessageRefused or GatewayFault."""
        headers = {
            "content-type": "text/plain; charset=UTF-8",
            "x-kannel-username": self._username,
            "x-kannel-password": self._password,
            "x-kannel-to": text.to,
            "x-kannel-coding": _GSM7 if is_gsm7(text.body) else _UCS2,
            "x-kannel-account": str(text.id),
            "x-kannel-priority": str(max(_LAST, _FIRST - text.priority)),
        }
        if self._sender:
            headers["x-kannel-from"] = self._sender
        if self._receipt_url:
            headers["x-kannel-dlr-mask"] = str(_MASK)
            headers["x-kannel-dlr-url"] = self._report_to(text)
        _check(await self._call.post(text.body.encode(), headers))

    async def close(self) -> None:
        """Closes its connections."""
        await self._call.close()

    def _report_to(self, text: Text) -> str:
        known = urlencode({"id": str(text.id), "token": delivery_token(self._keys.current, text.id)}, quote_via=quote)
        # What Kannel fills in stands as it is: %d is the kind of report, %F what the carrier calls the message.
        return f"{self._receipt_url}?{known}&kind=%d&own=%F"


def _check(answer: Answer) -> None:
    if answer.status == 202:
        return
    # All other refusals, such as a wrong password or no route to a carrier, can be put right without us.
    if answer.status == 400 and _DENIED in answer.body:
        raise MessageRefused("NUMBER_DENIED")
    raise GatewayFault(f"HTTP_{answer.status}")
