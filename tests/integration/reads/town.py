"""Who asks for pages, and about what."""

from dataclasses import dataclass

from access.actor import Actor
from models.area import Area


@dataclass
class Town:
    """Who asks, and the areas that they may ask about."""

    actors: list[Actor]
    places: list[Area]
