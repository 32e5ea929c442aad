"""Which addresses count as public."""

from ipaddress import ip_address

import pytest

from gateway.webhooks.addresses import Allowed, is_public, may_go_to, read_allowed

PUBLIC = [
    *("8.8.8.8", "1.1.1.1", "93.184.215.14", "172.32.0.1", "100.128.0.1"),
    *("2606:4700:4700::1111", "2a00:1450:4001:82a::200e"),
    *("::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"),  # public IPv4 addresses in disguise
]
FORBIDDEN = {
    "loopback": ["127.0.0.1", "127.255.255.254", "::1"],
    "this network": ["0.0.0.0", "0.1.2.3", "::"],
    "private": ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fc00::1", "fd12:3456::1", "fec0::1"],
    "link-local": ["169.254.0.1", "fe80::1", "fe80::1%eth0"],
    "metadata services": ["169.254.169.254", "fd00:ec2::254", "100.100.100.200", "192.0.0.192"],
    "carriers' own": ["100.64.0.1", "100.127.255.255"],
    "multicast and broadcast": ["224.0.0.1", "239.255.255.250", "255.255.255.255", "ff02::1", "ff0e::1"],
    "reserved": ["240.0.0.1", "192.0.0.8", "192.88.99.1", "::7f00:1", "4000::1", "5f00::1", "100::1"],
    "documentation and tests": ["192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1"],
    "tunnels": ["2001:0:4136:e378:8000:63bf:3fff:fdd2", "64:ff9b:1::808:808"],
    "mapped IPv4": ["::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:0.0.0.0"],
    "NAT64": ["64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b::c0a8:101"],
    "6to4": ["2002:7f00:1::1", "2002:a9fe:a9fe::1", "2002:0a00:1::"],
}


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(("kind", "address"), [(kind, each) for kind, some in FORBIDDEN.items() for each in some])
def test_nothing_else_is(kind: str, address: str) -> None:
    assert not is_public(ip_address(address)), kind


@pytest.mark.parametrize(
    ("allow", "host", "address", "may"),
    [
        ("", "example.com", "8.8.8.8", True),
        ("", "example.com", "10.0.0.1", False),
        ("10.0.0.0/8", "example.com", "10.0.0.1", True),
        ("10.0.0.0/8", "example.com", "11.0.0.1", True),
        ("10.0.0.0/8", "example.com", "192.168.0.1", False),
        ("127.0.0.1, ::1", "localhost", "::1", True),
        ("fd00::/8", "example.com", "fd00::1", True),
        ("hooks.internal", "hooks.internal", "192.168.0.1", True),
        ("Hooks.Internal", "hooks.INTERNAL.", "192.168.0.1", True),
        ("hooks.internal", "evil-hooks.internal", "192.168.0.1", False),
        ("hooks.internal", "a.hooks.internal", "192.168.0.1", False),
    ],
)
def test_an_operator_permits_names_and_networks(allow: str, host: str, address: str, may: bool) -> None:
    assert may_go_to(host, address, read_allowed(allow)) is may


def test_by_default_nothing_is_permitted() -> None:
    assert read_allowed(" , ") == Allowed()


@pytest.mark.parametrize("entry", ["10.0.0.1/8", "10.0.0.0/40", "http://host", "a b", "host:80", "*"])
def test_an_entry_that_cannot_be_read_is_named(entry: str) -> None:
    with pytest.raises(ValueError, match="WEBHOOK_ALLOW") as refused:
        read_allowed(f"ok.example,{entry}")
    assert entry in str(refused.value)
