"""What a process counts, and that two runtimes in one process count apart."""

from prometheus_client import generate_latest

from telemetry.meters import Meters


def page(meters: Meters) -> str:
    """The page as text."""
    return generate_latest(meters).decode()


def test_two_meters_in_one_process_know_nothing_of_each_other() -> None:
    one, other = Meters(), Meters()
    one.declared(3)
    assert "khaibao_declarations_total 3.0" in page(one)
    assert "khaibao_declarations_total 0.0" in page(other)


def test_an_operation_of_two_fields_counts_under_both() -> None:
    meters = Meters()
    meters.operation("query", ("alerts", "me"), "answered", 0.02)
    for field in ("alerts", "me"):
        assert f'khaibao_operations_total{{field="{field}",kind="query",outcome="answered"}} 1.0' in page(meters)
        assert f'khaibao_operation_seconds_count{{field="{field}",kind="query"}} 1.0' in page(meters)


def test_how_long_a_subscription_was_open_is_no_duration() -> None:
    meters = Meters()
    meters.operation("subscription", ("alerts",), "answered", None)
    assert "khaibao_operation_seconds_count" not in page(meters)


def test_what_is_expected_is_shown_at_nought() -> None:
    meters = Meters()
    meters.expect([("mutation", "declare")], ["kannel"], [0])
    assert 'khaibao_operations_total{field="declare",kind="mutation",outcome="failed"} 0.0' in page(meters)
    assert 'khaibao_messages_total{gateway="kannel",outcome="failed",priority="0"} 0.0' in page(meters)


def test_a_clock_that_is_ahead_makes_no_negative_delivery() -> None:
    meters = Meters()
    meters.delivered(-0.5)
    assert "khaibao_commit_to_socket_seconds_sum 0.0" in page(meters)
    assert 'khaibao_commit_to_socket_seconds_bucket{le="0.001"} 1.0' in page(meters)
