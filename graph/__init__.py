"""GraphQL and nothing else: what clients see, and how their requests become calls of services."""
