"""A page for trying the API, served by ourselves, that works with the network off."""
