"""The floor: what HTTP and the database cost by themselves. Raw ASGI, asyncpg, orjson, and no GraphQL."""
