"""Which addresses a webhook may go to: those of the public internet, and what an operator permits by name."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from shared.settings import listed

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

UNICAST_V6 = IPv6Network("2000::/3")  # all that was ever given out to the public
NAT64, SIX_TO_FOUR = IPv6Network("64:ff9b::/96"), IPv6Network("2002::/16")
NOT_PUBLIC = (  # what Python 3.11's `is_global` lets through
    IPv4Network("192.0.0.0/24"),  # protocol assignments
    IPv4Network("192.88.99.0/24"),  # 6to4 relays
    IPv6Network("3fff::/20"),  # documentation
)
HOST_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_-]+(\.[a-z0-9_-]+)*")


def is_public(address: Address) -> bool:
    """Whether an address belongs to the public internet, also by the IPv4 address that is hidden in it."""
    if isinstance(address, IPv6Address):
        hidden = hidden_ipv4(address)
        if hidden is not None:
            return is_public(hidden)
        if address.scope_id is not None or address not in UNICAST_V6:
            return False
    special = address.is_multicast or address.is_reserved or any(address in network for network in NOT_PUBLIC)
    return address.is_global and not special


def hidden_ipv4(address: IPv6Address) -> IPv4Address | None:
    """Return the IPv4 address that packets to this one end up at: mapped, NAT64 or 6to4; None for any other."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.sixtofour if address in SIX_TO_FOUR else None


@dataclass(frozen=True)
class Allowed:
    """What an operator permits beside the public internet."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()

    def permits(self, host: str, address: Address) -> bool:
        """Whether this name, or this address, is on the list."""
        return host.rstrip(".").lower() in self.hosts or any(address in network for network in self.networks)


def read_allowed(text: str) -> Allowed:
    """Read the setting WEBHOOK_ALLOW; raises ValueError that names the entry which can't be read."""
    hosts: set[str] = set()
    networks: list[Network] = []
    for entry in listed(text):
        try:
            networks.append(ip_network(entry))
        except ValueError:
            if "/" in entry or HOST_NAME.fullmatch(entry.lower()) is None:
                raise ValueError(
                    f"WEBHOOK_ALLOW: {entry!r} is no host name, address or network such as 10.1.0.0/16"
                ) from None
            hosts.add(entry.lower())
    return Allowed(frozenset(hosts), tuple(networks))


def may_go_to(host: str, address: str, allowed: Allowed) -> bool:
    """Whether a webhook for `host` may be sent to one of the addresses that the name leads to."""
    parsed = ip_address(address)
    return is_public(parsed) or allowed.permits(host, parsed)
