"""API keys: `prefix.secret`, kept as a hash, looked up by prefix; each prefix is a tenant.

`python -m gateway.auth NAME` makes a key and prints it once, together with its entry for API_KEYS; `gateway/keys.py`
makes keys that are kept in Redis.
"""

import argparse
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from ipaddress import ip_address

from shared.errors import Unauthorized
from shared.settings import WithoutKeys, listed
from shared.storage.records import DEFAULT_TENANT

ENTRY = re.compile(r"(?P<prefix>[A-Za-z0-9_-]{1,64}):(?P<digest>[0-9a-f]{64})")
BEARER = re.compile(r"Bearer +(?P<key>(?P<prefix>[A-Za-z0-9_-]{1,64})\.[A-Za-z0-9_-]{1,200}) *", re.IGNORECASE)
NOBODY = hashlib.sha256(b"").hexdigest()

Digests = Mapping[str, Sequence[str]]


class KeyRing:
    """The keys that may call; two entries with one prefix are one tenant whose key is being changed."""

    def __init__(self, digests: Digests, without_keys: WithoutKeys = "loopback") -> None:
        self._digests = digests
        self._without_keys = without_keys

    @property
    def is_empty(self) -> bool:
        """Whether there are no keys at all."""
        return not self._digests

    def joined_by(self, others: Digests) -> "KeyRing":
        """Return a ring with the keys of this one and others; a tenant may have some of both."""
        prefixes = {*self._digests, *others}
        both = {prefix: (*self._digests.get(prefix, ()), *others.get(prefix, ())) for prefix in prefixes}
        return KeyRing(both, self._without_keys)

    def has_guests(self, tenant: str) -> bool:
        """Whether invitations of this tenant are good: it has a key, or is the one that needs none."""
        if self.is_empty:
            return self._without_keys != "nobody" and tenant == DEFAULT_TENANT
        return bool(self._digests.get(tenant))

    def tenant(self, authorization: str | None, client_host: str | None) -> str:
        """Return whose request this is; raises Unauthorized."""
        if self.is_empty and self._without_keys != "nobody":
            if self._without_keys == "anyone" or is_loopback(client_host):
                return DEFAULT_TENANT
            raise Unauthorized("Without API keys this gateway serves only its own machine; make one for it first.")
        bearer = BEARER.fullmatch(authorization or "")
        if bearer is None:
            raise Unauthorized("Send your key as `Authorization: Bearer <prefix>.<secret>`.")
        digest = hash_key(bearer["key"])
        known = self._digests.get(bearer["prefix"], (NOBODY,))
        if not sum(hmac.compare_digest(digest, candidate) for candidate in known):  # sum: compare with all of them
            raise Unauthorized("This key is unknown or was revoked.")
        return bearer["prefix"]


def read_keys(api_keys: str, without_keys: WithoutKeys = "loopback") -> KeyRing:
    """Read the setting API_KEYS; raises ValueError that names the entry which can't be read.

    `without_keys` says whom the ring admits while there are none: this machine, everybody, or nobody.
    """
    digests: dict[str, list[str]] = {}
    for number, text in enumerate(listed(api_keys), start=1):
        entry = ENTRY.fullmatch(text)
        if entry is None:
            raise ValueError(f"API_KEYS: entry {number} is not prefix:sha256hex")
        digests.setdefault(entry["prefix"], []).append(entry["digest"])
    return KeyRing(digests, without_keys)


def make_key(prefix: str) -> str:
    """Return a fresh key of 256 random bits; raises ValueError unless the prefix can name a tenant."""
    key = f"{prefix}.{secrets.token_urlsafe(32)}"
    if BEARER.fullmatch(f"Bearer {key}") is None:
        raise ValueError("the name may have up to 64 letters, digits, - and _")
    return key


def hash_key(key: str) -> str:
    """Return what is kept of a key: the sha256 of all of it. 256 random bits need no slow hash."""
    return hashlib.sha256(key.encode()).hexdigest()


def is_loopback(host: str | None) -> bool:
    """Whether a peer address is this machine; a Unix socket has none and is."""
    if host is None or host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def main() -> None:
    """Make a key, print it once, and print what to put into API_KEYS."""
    parser = argparse.ArgumentParser(description="Make an API key for a tenant.")
    parser.add_argument("prefix", help="name of the tenant: letters, digits, - and _")
    prefix = parser.parse_args().prefix
    try:
        key = make_key(prefix)
    except ValueError as error:
        parser.error(str(error))
    print(f"key (shown only now): {key}\nadd to API_KEYS:      {prefix}:{hash_key(key)}")


if __name__ == "__main__":
    main()
