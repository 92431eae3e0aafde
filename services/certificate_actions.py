"""What an actor may do with a certificate or a test at the end of an isolation, as it stands."""

from access.actor import Actor
from access.policy import Action, may
from models.certificate import Certificate
from models.release_test import ReleaseTest
from models.state import CertificateState

ACTS = {CertificateState.AWAITING_SIGNATURE: ("SIGN",), CertificateState.SIGNED: ("REVOKE",)}
"""What the head of a station may do with a certificate in each state; nothing with one that was taken back."""


def certificate_actions(actor: Actor, certificate: Certificate) -> list[str]:
    """SIGN while it waits, REVOKE once it was signed."""
    if not actor.jurisdiction.covers(certificate.area_no) or not may(actor, Action.SIGN_CERTIFICATE):
        return []
    return list(ACTS.get(CertificateState(certificate.state), ()))


def release_test_actions(actor: Actor, test: ReleaseTest) -> list[str]:
    """VERIFY and REFUSE while nobody has decided on it."""
    decided = test.verified_at is not None or test.refused_at is not None
    if decided or not actor.jurisdiction.covers(test.area_no) or not may(actor, Action.RELEASE_CASE):
        return []
    return ["VERIFY", "REFUSE"]
