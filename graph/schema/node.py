"""What every object with an id of its own has in common."""

import strawberry


@strawberry.interface(description="An object that can be asked for again by its id.")
class Node:
    """See the description: clients read it in the schema."""

    id: strawberry.ID = strawberry.field(description="Opaque, and the same wherever the object appears.")
