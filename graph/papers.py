"""Signed papers over plain HTTP: a PDF that a browser fetches by itself, with a ticket."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from graph.origin_of import origin_of
from graph.request_id import request_id_of
from graph.schema.certificate import CERTIFICATES_PATH
from graph.uploads import SHOWN_ELSEWHERE, refusal
from services.read_certificate import read_certificate
from services.runtime import Runtime


def paper_routes(runtime: Runtime) -> list[Route]:
    """GET of a certificate's signed PDF."""

    async def fetch(request: Request) -> Response:
        """The PDF; 404 for everything that it cannot be fetched for."""
        origin, request_id = origin_of(runtime, request.scope), request_id_of(runtime, request.scope)
        try:
            paper = await read_certificate(runtime, request.path_params["ticket"], origin, request_id)
        except Exception as error:
            return refusal(runtime, request, error)
        # Its name is its code, which is of letters and digits alone.
        headers = {**SHOWN_ELSEWHERE, "content-disposition": f'inline; filename="{paper.name}"'}
        return Response(paper.data, headers=headers, media_type="application/pdf")

    return [Route(f"{CERTIFICATES_PATH}/{{ticket}}", fetch, methods=["GET"])]
