"""What this installation is."""

from datetime import date, datetime
from importlib.metadata import version

import strawberry

from graph.schema.enums import Mode
from services.runtime import Runtime

# Once, because it is read from a file each time, which is longer than all else of such a query takes.
_VERSION = version("khaibao")


@strawberry.type(description="What this installation is.")
class Installation:
    """See the description."""

    mode: Mode = strawberry.field(description="What it is for. A demo's clock may be moved; its residents are made up.")
    version: str = strawberry.field(description="The program's version.")
    disease: str = strawberry.field(description="The code of the disease a declaration is of that names none.")
    now: datetime = strawberry.field(description="The installation's present moment.")
    today: date = strawberry.field(description="The installation's present day, in its time zone.")
    time_zone: str = strawberry.field(description="Where days begin and end, as an IANA name.")
    phone_region: str = strawberry.field(description="The country of a phone number that names none, such as VN.")

    @classmethod
    def of(cls, runtime: Runtime) -> "Installation":
        """The installation of this process."""
        return cls(
            mode=runtime.mode,
            version=_VERSION,
            disease=runtime.disease,
            now=runtime.clock.now(),
            today=runtime.clock.day(),
            time_zone=runtime.clock.zone().key,
            phone_region=runtime.phone_region,
        )


@strawberry.type(description="The installation's clock was moved.")
class ClockMoved:
    """See the description."""

    now: datetime = strawberry.field(description="The installation's present moment.")
