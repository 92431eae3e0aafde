"""Where the replay's people seem to come from."""

from ipaddress import ip_address, ip_network

from simulation.made_up_address import made_up_address


def test_everybody_has_an_address_that_nobody_has_and_thousands_share_a_few() -> None:
    found = [made_up_address(f"0900{number:06}") for number in range(20_000)]
    assert all(ip_address(one) in ip_network("198.18.0.0/15") for one in found)
    assert made_up_address("0900000001") == found[1]
    assert 900 < len(set(found)) <= 1024
    assert max(map(found.count, set(found))) < 60
