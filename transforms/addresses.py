"""A host and the address it leads to → whether it may be connected to; rejects everything inside a network.

What counts is the address that is connected to, not the name: a name may change its address between two
looks.
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

#: addresses of version 6 that carry one of version 4, which is where the packets go
_NAT64 = ip_network("64:ff9b::/96")


def refuse_address(host: str, address: str, allow_hosts: Iterable[str]) -> str | None:
    """Host as the URL names it and an address of it → why it must not be connected to, or None.

    Args:
        host: name or address, as it stands in the URL.
        address: one of the addresses it has now.
        allow_hosts: names, addresses and networks (`10.1.0.0/16`) that may be inside; they hold for what the
            URL names, so that no foreign name can lead there.
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return f"{address} is no address"
    if is_named(host, allow_hosts):
        return None
    for one in (found, *_carried(found)):
        if not _is_public(one):
            return f"{host} leads to {address}, which is not on the public internet"
    return None


def is_named(host: str, allow_hosts: Iterable[str]) -> bool:
    """Host as the URL names it → whether the list has it, by name, address or network."""
    wanted = host.lower().strip("[]").rstrip(".")
    for entry in allow_hosts:
        if wanted == entry.lower().strip("[]"):
            return True
        if "/" in entry:
            try:
                if ip_address(wanted) in ip_network(entry, strict=False):
                    return True
            except ValueError:
                continue
    return False


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    return address.is_global and not (
        address.is_private
        or address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_reserved
        or address.is_unspecified
    )


def _carried(address: IPv4Address | IPv6Address) -> list[IPv4Address]:
    if isinstance(address, IPv4Address):
        return []
    inside = [address.ipv4_mapped, address.sixtofour]
    if address.teredo:
        inside += address.teredo
    if address in _NAT64:
        inside.append(IPv4Address(int(address) & 0xFFFFFFFF))
    return [one for one in inside if one is not None]
