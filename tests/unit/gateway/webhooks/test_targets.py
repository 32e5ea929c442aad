"""From names to addresses that webhooks may go to, and whether the gateway takes a URL on."""

import asyncio
import socket

import pytest

from gateway.webhooks import targets
from gateway.webhooks.acceptance import WebhookAcceptance
from gateway.webhooks.addresses import Allowed, read_allowed
from gateway.webhooks.targets import TargetRefused, Targets, TargetUnknown
from shared.errors import InvalidRequest, WebhooksOff

URL = "https://hooks.example/edits"


def leading_to(*addresses: str, allowed: str = "") -> Targets:
    """Every name leads to these addresses."""

    async def resolve(_host: str, _port: int) -> list[str]:
        return list(addresses)

    return Targets(read_allowed(allowed), resolve)


def failing(error: OSError) -> Targets:
    """No name can be looked up."""

    async def resolve(_host: str, _port: int) -> list[str]:
        raise error

    return Targets(Allowed(), resolve)


async def test_a_public_name_leads_to_all_its_addresses_in_order() -> None:
    assert await leading_to("2606:4700::1", "8.8.8.8").addresses("hooks.example", 443) == ["2606:4700::1", "8.8.8.8"]


@pytest.mark.parametrize("addresses", [["10.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["127.0.0.1", "8.8.8.8"], []])
async def test_one_forbidden_address_is_enough_to_refuse(addresses: list[str]) -> None:
    with pytest.raises(TargetRefused):
        await leading_to(*addresses).addresses("hooks.example", 443)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "localhost", "::1", "::ffff:127.0.0.1"]
)
async def test_no_spelling_of_this_machine_gets_by_the_real_lookup(host: str) -> None:
    with pytest.raises(TargetRefused):
        await Targets(Allowed()).addresses(host, 80)
    permitted = await Targets(read_allowed("127.0.0.0/8, ::1, ::ffff:127.0.0.1")).addresses(host, 80)
    assert permitted


async def test_a_name_that_does_not_exist_is_refused_and_one_that_nobody_knows_now_is_not() -> None:
    with pytest.raises(TargetRefused):
        await failing(socket.gaierror(socket.EAI_NONAME, "no such name")).addresses("hooks.example", 443)
    with pytest.raises(TargetUnknown):
        await failing(socket.gaierror(socket.EAI_AGAIN, "try again")).addresses("hooks.example", 443)


async def test_a_silent_name_server_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(targets, "PATIENCE_S", 0.01)

    async def resolve(_host: str, _port: int) -> list[str]:
        await asyncio.sleep(60)
        return []

    with pytest.raises(TargetUnknown):
        await Targets(Allowed(), resolve).addresses("hooks.example", 443)


async def test_a_webhook_needs_a_secret_to_be_signed_with() -> None:
    unable = WebhookAcceptance(leading_to("8.8.8.8"), can_sign=False)
    await unable.check(None)
    with pytest.raises(WebhooksOff, match="WEBHOOK_SECRETS"):
        await unable.check(URL)
    await WebhookAcceptance(leading_to("8.8.8.8"), can_sign=True).check(URL)


async def test_a_url_that_leads_to_a_private_address_is_refused_by_its_field() -> None:
    with pytest.raises(InvalidRequest) as refused:
        await WebhookAcceptance(leading_to("192.168.0.1"), can_sign=True).check(URL)
    assert refused.value.errors is not None
    assert [error.field for error in refused.value.errors] == ["webhook_url"]


async def test_a_name_that_can_not_be_looked_up_now_is_left_to_delivery() -> None:
    away = failing(socket.gaierror(socket.EAI_AGAIN, "try again"))
    await WebhookAcceptance(away, can_sign=True).check(URL)
