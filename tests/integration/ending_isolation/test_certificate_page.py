"""What a phone at a door shows when it reads the code of a certificate."""

from dataclasses import replace

from access.origin import Origins
from services.certificate_code import new_certificate_code
from services.limit import Limiter
from services.limit_memory import MemoryCounters
from services.limit_rules import Rule
from services.revoke_certificate import revoke_certificate
from services.runtime import Runtime
from services.sign_certificates import sign_certificate
from tests.integration.ending_isolation.fetching import fetched
from tests.integration.ending_isolation.test_certificates import released


async def test_it_says_whether_the_paper_is_good_and_names_nobody(runtime: Runtime) -> None:
    found, certificate = await released(runtime)
    url = f"/c/{certificate.code}"
    status, _, body = await fetched(runtime, url)
    assert status == 200
    assert "There is no certificate with this code" in body.decode()
    await sign_certificate(runtime, found.head, certificate.id)
    status, headers, body = await fetched(runtime, url)
    page = body.decode()
    assert status == 200
    assert "Giấy xác nhận còn hiệu lực" in page
    assert "24/03/2022" in page
    assert headers[b"content-type"].startswith(b"text/html")
    assert b"default-src 'none'" in headers[b"content-security-policy"]
    await revoke_certificate(runtime, found.head, certificate.id, "a wrong name")
    _, _, body = await fetched(runtime, url)
    page = body.decode()
    assert "This certificate was revoked" in page
    assert "a wrong name" not in page


async def test_what_is_typed_into_the_address_stays_text(runtime: Runtime) -> None:
    status, _, body = await fetched(runtime, "/c/<script>alert(1)<")
    assert status == 200
    assert b"<script>" not in body


async def test_whoever_tries_codes_is_told_to_come_back(house: Runtime) -> None:
    limits = Limiter(MemoryCounters(), changed={Rule.CERTIFICATE_BY_ADDRESS: "2 per 1 hour"})
    limited = replace(house, limits=limits, origins=Origins(str))
    for _ in range(2):
        assert (await fetched(limited, f"/c/{new_certificate_code()}"))[0] == 200
    status, headers, body = await fetched(limited, f"/c/{new_certificate_code()}")
    assert (status, int(headers[b"retry-after"]) > 1) == (429, True)
    assert "please try again later" in body.decode()
