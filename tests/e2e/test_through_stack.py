"""Whole conversations of simulated users through the running stack."""

import os

from dialogpaint import AsyncDialogPaint
from evaluation.through_stack import hold_all, summarise
from services.local.api import Api


async def test_simulated_users_reach_their_pictures_over_rest_and_leave_nothing_behind(api: Api) -> None:
    before = ids_of(api)
    async with AsyncDialogPaint(str(api.http.base_url), key=os.environ.get("API_KEY")) as client:
        held = await hold_all(client, 2, "head", at_once=2)
    figures = summarise(held)
    assert [len(each.instructions) for each in held] == [4, 4]
    assert figures.turns >= 1
    assert sum(mark for each in held for mark in each.understood) >= 4
    assert ids_of(api) == before


def ids_of(api: Api) -> set[str]:
    """The conversations that are there."""
    return {each["id"] for each in api.http.get("/v1/conversations?limit=100").json()["items"]}
