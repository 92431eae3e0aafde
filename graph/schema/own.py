"""What a resident gets of what their phone has declared."""

from datetime import datetime

import strawberry

from graph.schema.declaration import Declaration
from graph.schema.enums import Role
from services import export_own
from services.export_document import export_document


@strawberry.type(description="What was declared is opened to your phone.")
class ReceiptClaimed:
    """See the description."""

    declarations: list[Declaration] = strawberry.field(description="The people, in the order they were sent.")


@strawberry.type(description="How the household can be reached, as it was sent.")
class MyContact:
    """See the description."""

    phone: str = strawberry.field(description="The telephone number, in E.164 form.")
    email: str | None = strawberry.field(description="The e-mail address, where one was given.")
    declared_by: str | None = strawberry.field(description="The name of whoever has sent it.")
    street: str | None = strawberry.field(description="House number and street.")


@strawberry.type(description="One declaration of your phone, with its receipt and contact.")
class MyDeclaration:
    """See the description."""

    receipt_code: str = strawberry.field(description="The receipt's code.")
    contact: MyContact | None = strawberry.field(description="The contact of the household it was sent with.")
    declaration: Declaration = strawberry.field(description="The declaration, with its report and its assessment.")


@strawberry.type(description="A time that your phone was signed in.")
class MySession:
    """See the description."""

    created_at: datetime = strawberry.field(description="When it began.")
    expires_at: datetime = strawberry.field(description="When it ends by itself.")
    ended_at: datetime | None = strawberry.field(description="When it was ended.")


@strawberry.type(description="What a member of staff did with it or saw of it.")
class MyLook:
    """See the description."""

    at: datetime = strawberry.field(description="When.")
    action: str = strawberry.field(description="What: see_case, see_person, confirm_case, ...")
    role: Role = strawberry.field(description="The role of whoever it was.")


@strawberry.type(description="Everything that is held of what your phone has declared.")
class MyData:
    """See the description."""

    exported_at: datetime = strawberry.field(description="The moment at which it was so.")
    declarations: list[MyDeclaration] = strawberry.field(description="All declarations, newest first.")
    sessions: list[MySession] = strawberry.field(description="All sessions of the phone that are still known.")
    looks: list[MyLook] = strawberry.field(description="Who has looked at it and changed it, oldest first.")
    json: str = strawberry.field(description="All of it as one JSON document, with what was done for each person.")

    @classmethod
    def of(cls, data: export_own.OwnData) -> "MyData":
        """As the service has found it."""
        return cls(
            exported_at=data.exported_at,
            declarations=[_declaration(one) for one in data.declarations],
            sessions=[
                MySession(created_at=one.created_at, expires_at=one.expires_at, ended_at=one.ended_at)
                for one in data.sessions
            ],
            looks=[MyLook(at=one.at, action=one.action, role=one.role) for one in data.looks],
            json=export_document(data),
        )


def _declaration(one: export_own.OwnDeclaration) -> MyDeclaration:
    contact = _contact(one.contact) if one.contact else None
    return MyDeclaration(receipt_code=one.receipt_code, contact=contact, declaration=Declaration.of(one.row))


def _contact(found: export_own.Contact) -> MyContact:
    return MyContact(phone=found.phone, email=found.email, declared_by=found.declared_by, street=found.street)
