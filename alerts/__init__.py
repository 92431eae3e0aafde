"""Delivery of alerts: the durable log, the wake-ups and the hub of each process. It takes no clinical decision."""
