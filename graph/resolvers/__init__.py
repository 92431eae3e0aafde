"""From a request to one call of a service, and from its answer to a payload."""
