"""What is left to graphql-core."""


class Unknown(Exception):
    """The schema, the document or a value has something that is not compiled; the text says what."""
