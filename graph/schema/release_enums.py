"""The enums of the end of an isolation, each value with its meaning."""

from enum import StrEnum

from graph.schema.described import describe
from models.state import CertificateState, TestResult
from services.verify_certificate import Validity

__all__ = [
    "CertificateAction",
    "CertificateState",
    "ReleaseMissing",
    "ReleaseTestAction",
    "TestResult",
    "Validity",
]


class ReleaseMissing(StrEnum):
    """Why an isolation may not end yet."""

    TOO_EARLY = "TOO_EARLY"
    NO_NEGATIVE_TEST = "NO_NEGATIVE_TEST"
    TEST_NOT_VERIFIED = "TEST_NOT_VERIFIED"
    STILL_POSITIVE = "STILL_POSITIVE"
    ALERT_NOT_RESOLVED = "ALERT_NOT_RESOLVED"


class CertificateAction(StrEnum):
    """What a viewer may do with a certificate now."""

    SIGN = "SIGN"
    REVOKE = "REVOKE"


class ReleaseTestAction(StrEnum):
    """What a viewer may do with a test now."""

    VERIFY = "VERIFY"
    REFUSE = "REFUSE"


describe(TestResult, "What a test has shown.", {"NEGATIVE": "Nothing.", "POSITIVE": "That the person is still ill."})
describe(
    CertificateState,
    "Where a certificate stands.",
    {
        "AWAITING_SIGNATURE": "The isolation is over, and the head of the station is to sign.",
        "SIGNED": "Signed, and valid.",
        "REVOKED": "Taken back: whoever verifies it is told so.",
    },
)
describe(
    Validity,
    "What a certificate's code stands for.",
    {
        "VALID": "A certificate that was signed and not taken back.",
        "REVOKED": "A certificate that was taken back.",
        "UNKNOWN": "No certificate that was ever signed.",
    },
)
describe(
    ReleaseMissing,
    "Why an isolation may not end yet.",
    {
        "TOO_EARLY": "The protocol's first day has not come.",
        "NO_NEGATIVE_TEST": "No negative test was taken from the protocol's day on, under the eyes of staff.",
        "TEST_NOT_VERIFIED": "The resident has sent a negative test that nobody has verified: `verifyReleaseTest`.",
        "STILL_POSITIVE": "The newest test was positive: the later day counts.",
        "ALERT_NOT_RESOLVED": "An alert of the case was not brought to an end.",
    },
)
describe(
    CertificateAction,
    "What the viewer may do with a certificate as it stands.",
    {"SIGN": "Sign it: `signCertificate`.", "REVOKE": "Take it back: `revokeCertificate`."},
)
describe(
    ReleaseTestAction,
    "What the viewer may do with a test as it stands.",
    {
        "VERIFY": "Say that staff has seen it: `verifyReleaseTest`.",
        "REFUSE": "Say that it does not count: `refuseReleaseTest`.",
    },
)
