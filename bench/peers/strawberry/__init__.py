"""Strawberry as it comes: its own ASGI application over the floor's work, with no cache and no compiler."""
