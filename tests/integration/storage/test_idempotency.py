"""One effect and one answer for each idempotency key."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from shared.errors import IdempotencyInProgress, IdempotencyMismatch, QueueFull, StorageUnavailable
from shared.storage.records import Answer, Operation
from shared.storage.scripts import AsyncScripts
from tests.storage_world import PICTURE, World, said

ANSWER = Answer(201, {"Location": "/v1/images/img_1"}, '{"id": "img_1"}')


class Scripts(AsyncScripts):
    """Scripts that Redis carries out, but whose answers are lost until `answers` is set."""

    answers = False

    def __init__(self, real: AsyncScripts) -> None:
        super().__init__(real.redis, real.constants)

    async def run(self, name: str, **arguments: Any) -> list[Any]:
        """Lose the answer."""
        answer = await super().run(name, **arguments) if self.answers or name == "begin_operation" else []
        if not self.answers:
            raise StorageUnavailable
        return answer


async def begin(world: World, key: str = "key", fingerprint: str = "body") -> Operation:
    """Begin an operation that nobody else has begun."""
    operation = await world.stores.idempotency.begin(world.tenant, key, fingerprint)
    assert isinstance(operation, Operation)
    return operation


async def test_the_first_answer_is_given_again(world: World) -> None:
    await world.stores.idempotency.complete(world.tenant, await begin(world), ANSWER)
    assert await world.stores.idempotency.begin(world.tenant, "key", "body") == ANSWER


async def test_of_many_at_once_one_may_work_and_the_others_wait(world: World) -> None:
    begun = await asyncio.gather(
        *(world.stores.idempotency.begin(world.tenant, "key", "body") for _ in range(20)), return_exceptions=True
    )
    assert sum(isinstance(each, Operation) for each in begun) == 1
    assert sum(isinstance(each, IdempotencyInProgress) for each in begun) == 19


async def test_another_request_under_the_same_key_is_refused(world: World) -> None:
    await begin(world)
    with pytest.raises(IdempotencyMismatch):
        await world.stores.idempotency.begin(world.tenant, "key", "another body")


async def test_a_failed_request_frees_its_key(world: World) -> None:
    await world.stores.idempotency.release(world.tenant, await begin(world))
    assert (await begin(world)).resource_id is None


async def test_a_key_that_could_not_be_freed_is_free_once_redis_is_back(world: World) -> None:
    store, operation = world.stores.idempotency, await begin(world)
    away = Scripts(world.stores.idempotency.scripts)
    cut_off = replace(store, scripts=away)
    with pytest.raises(StorageUnavailable):
        await cut_off.release(world.tenant, operation)
    away.answers = True
    again = await cut_off.begin(world.tenant, "key", "body")
    assert isinstance(again, Operation)


async def test_a_key_whose_beginning_got_no_answer_is_free_once_redis_is_back(world: World) -> None:
    away = Scripts(world.stores.idempotency.scripts)
    cut_off = replace(world.stores.idempotency, scripts=away)
    with pytest.raises(StorageUnavailable):
        await cut_off.begin(world.tenant, "key", "body")
    with pytest.raises(IdempotencyInProgress):
        await begin(world)
    away.answers = True
    assert isinstance(await cut_off.begin(world.tenant, "key", "body"), Operation)


async def test_keys_of_different_tenants_do_not_meet(world: World) -> None:
    await begin(world)
    await begin(replace(world, tenant="other"), fingerprint="another body")


async def test_an_interrupted_request_is_answered_from_its_effect(world: World) -> None:
    new = await world.new_edit()
    await world.stores.edits.accept(world.tenant, new, await begin(world))
    again = await begin(world)
    assert again.resource_id == new.id


async def test_an_effect_is_not_freed_by_a_late_failure(world: World) -> None:
    operation = await begin(world)
    image = await world.stores.images.add(world.tenant, PICTURE, "image/png", (4, 3), operation)
    await world.stores.idempotency.release(world.tenant, operation)
    assert (await begin(world)).resource_id == image.id


async def test_an_interrupted_turn_is_found_by_its_number(world: World) -> None:
    conversation = await world.conversation()
    turn = said(conversation.head_revision_id)
    operation = await begin(world)
    await world.stores.conversations.append_turn(world.tenant, conversation.id, turn, 1, operation=operation)
    assert (await begin(world)).resource_id == "1"


async def test_a_request_whose_worker_died_before_the_effect_starts_again_and_the_dead_one_is_shut_out(
    world: World,
) -> None:
    impatient = replace(world.stores.idempotency, busy_s=0)
    dead = await impatient.begin(world.tenant, "key", "body")
    alive = await impatient.begin(world.tenant, "key", "body")
    assert isinstance(dead, Operation)
    assert isinstance(alive, Operation)
    with pytest.raises(IdempotencyInProgress):
        await world.stores.edits.accept(world.tenant, await world.new_edit(), dead)
    await world.stores.edits.accept(world.tenant, await world.new_edit(), alive)
    assert (await world.stores.queue.state()).depth == 1


async def test_a_refused_effect_leaves_the_key_without_a_resource(world: World) -> None:
    operation = await begin(world)
    full = replace(world.stores.edits.scripts, constants={**world.stores.edits.scripts.constants, "max_queue": 0})
    with pytest.raises(QueueFull):
        await replace(world.stores.edits, scripts=full).accept(world.tenant, await world.new_edit(), operation)
    await world.stores.idempotency.release(world.tenant, operation)
    assert (await begin(world)).resource_id is None
