"""GET /c/<code>: what a phone at a door sees when it reads a certificate's code. No script, no name, both languages."""

from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from graph.errors import from_exception
from graph.origin_of import origin_of
from graph.request_id import request_id_of
from services.runtime import Runtime
from services.verify_certificate import Validity, Verification, verify_certificate

PATH = "/c/{code}"

_STYLE = (
    "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:12vh auto 0;padding:0 1.2rem;color:#1d2733}"
    "h1{font-size:1.7rem;margin:0;padding:1rem 1.2rem;border-radius:.5rem;color:#fff}"
    "h1 small{display:block;font-weight:400}"
    ".VALID{background:#17693b}.REVOKED{background:#a61b1b}.UNKNOWN,.LATER{background:#5a6472}"
    "small{font-size:1rem}dt{color:#5a6472;margin-top:.8rem}dd{margin:0;font-weight:600}"
)
# The style is a constant of ours, and nothing else may load or run.
_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex",
}
_HEADLINES = {
    Validity.VALID: ("Giấy xác nhận còn hiệu lực", "This certificate is valid"),
    Validity.REVOKED: ("Giấy xác nhận đã bị thu hồi", "This certificate was revoked"),
    Validity.UNKNOWN: ("Không có giấy xác nhận nào mang mã này", "There is no certificate with this code"),
}
_LATER = ("Chưa kiểm tra được, vui lòng thử lại sau", "It cannot be checked now; please try again later")
_ADVICE = (
    "Hãy so sánh họ tên trên giấy với giấy tờ tùy thân.",
    "Compare the name on the paper with the identity paper of its holder.",
)


def certificate_page_routes(runtime: Runtime) -> list[Route]:
    """The page of one code, for whoever has the paper in hand."""

    async def page(request: Request) -> Response:
        """200 also for an unknown code, as the API answers; 429 or 503 where it cannot be checked now."""
        code: str = request.path_params["code"]
        try:
            found = await verify_certificate(runtime, origin_of(runtime, request.scope), code)
        except Exception as error:
            said = from_exception(error, "en", request_id_of(runtime, request.scope))
            runtime.meters.refused(said.code)
            wait = {"retry-after": str(said.extensions.get("retryAfter") or 1)}
            status = 429 if said.code == "RATE_LIMITED" else 503
            return HTMLResponse(_page("LATER", _LATER, []), status_code=status, headers={**_HEADERS, **wait})
        return HTMLResponse(_page(found.validity, _HEADLINES[found.validity], _rows(code, found)), headers=_HEADERS)

    return [Route(PATH, page, methods=["GET"])]


def _rows(code: str, found: Verification) -> list[tuple[str, str]]:
    known: list[tuple[str, str | None]] = [
        ("Mã · Code", code[:40]),
        ("Nơi cấp · Issued by", found.station),
        ("Ngày ký · Signed on", found.signed_on.strftime("%d/%m/%Y") if found.signed_on else None),
        ("Ngày thu hồi · Revoked on", found.revoked_on.strftime("%d/%m/%Y") if found.revoked_on else None),
    ]
    return [(name, value) for name, value in known if value]


def _page(kind: str, headline: tuple[str, str], rows: list[tuple[str, str]]) -> str:
    facts = "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in rows)
    advice = "<br>".join(_ADVICE) if kind == Validity.VALID else ""
    return (
        '<!doctype html><html lang="vi"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{headline[0]}</title><style>{_STYLE}</style>"
        f'<h1 class="{kind}">{headline[0]}<small lang="en">{headline[1]}</small></h1>'
        f"<dl>{facts}</dl><p>{advice}</p></html>"
    )
