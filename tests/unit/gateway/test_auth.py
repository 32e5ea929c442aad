"""Keys and who may call without one."""

import sys

import pytest

from gateway.__main__ import refuse_open_doors
from gateway.auth import hash_key, is_loopback, main, read_keys
from shared.errors import Unauthorized
from shared.settings import Settings, WithoutKeys

OLD, NEW = "ann.old-secret", "ann.new-secret"


def test_the_tenant_is_the_prefix_of_a_known_key() -> None:
    keys = read_keys(f"ann:{hash_key(OLD)},ben:{hash_key('ben.x')}")
    assert keys.tenant(f"Bearer {OLD}", "203.0.113.9") == "ann"


def test_two_keys_of_one_tenant_are_valid_while_one_replaces_the_other() -> None:
    keys = read_keys(f"ann:{hash_key(OLD)},ann:{hash_key(NEW)}")
    assert keys.tenant(f"Bearer {OLD}", None) == keys.tenant(f"bearer {NEW}", None) == "ann"


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ann", f"Basic {OLD}", f"Bearer {OLD}x", "Bearer zoe.x"])
def test_anything_else_is_refused(header: str | None) -> None:
    with pytest.raises(Unauthorized):
        read_keys(f"ann:{hash_key(OLD)}").tenant(header, "127.0.0.1")


def test_without_keys_only_this_machine_may_call() -> None:
    keys = read_keys("")
    assert keys.tenant(None, "127.0.0.1") == keys.tenant(None, "::1") == keys.tenant(None, None) == "local"
    with pytest.raises(Unauthorized):
        keys.tenant(None, "192.0.2.7")


@pytest.mark.parametrize("entry", ["ann", "ann:", "ann:xyz", f":{'0' * 64}", f"a b:{'0' * 64}"])
def test_an_entry_that_is_none_is_named_without_its_content(entry: str) -> None:
    with pytest.raises(ValueError, match="entry 2 is not") as refused:
        read_keys(f"ben:{'0' * 64},{entry}")
    assert entry not in str(refused.value)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("x", False)],
)
def test_loopback_addresses(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


def test_the_gateway_does_not_start_open_to_the_network() -> None:
    with pytest.raises(ValueError, match="API_KEYS is empty"):
        refuse_open_doors(Settings(gateway_host="0.0.0.0"))
    refuse_open_doors(Settings(gateway_host="0.0.0.0", api_keys=f"ann:{'0' * 64}"))
    refuse_open_doors(Settings(gateway_host="127.0.0.1"))


@pytest.mark.parametrize("without_keys", ["nobody", "anyone"])
def test_it_does_where_somebody_said_who_may_call_without_keys(without_keys: WithoutKeys) -> None:
    refuse_open_doors(Settings(gateway_host="0.0.0.0", without_keys=without_keys))


def test_a_new_key_fits_its_entry(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["auth", "ann"])
    main()
    printed = capsys.readouterr().out.split()
    key = next(word for word in printed if word.startswith("ann."))
    entry = next(word for word in printed if word.startswith("ann:"))
    assert read_keys(entry).tenant(f"Bearer {key}", None) == "ann"
