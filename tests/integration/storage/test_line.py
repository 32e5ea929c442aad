"""Whose turn it is: tenants share the workers by weight and by what their edits cost, and nobody waits for ever."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from shared.schemas.edit import Edit
from shared.schemas.operations import Worker
from shared.schemas.parameters import EditParameters
from shared.storage.keys import LINE, OPEN
from shared.storage.queue import QueueLimits
from shared.storage.records import Claim, Skip
from tests.storage_world import PARAMETERS, World

WAKES = "dp:wakes"
ANY_MESSAGE = "edit_named-by-a-message"


@pytest.fixture
def ann(world: World) -> World:
    """A tenant with much to do."""
    return replace(world, tenant="ann")


@pytest.fixture
def ben(world: World) -> World:
    """A tenant with little to do."""
    return replace(world, tenant="ben")


async def ask(tenant: World, count: int) -> list[str]:
    return [(await tenant.edit()).id for _ in range(count)]


def take(world: World) -> Claim:
    """Take whichever edit is next."""
    claim = world.claims.claim(ANY_MESSAGE, "worker-1")
    assert isinstance(claim, Claim)
    return claim


def taken(world: World, count: int) -> str:
    """Take some edits; whose they were, by the first letters of their tenants."""
    return "".join(take(world).tenant[0] for _ in range(count))


def show_up(world: World, slots: int) -> None:
    """Have a warm worker."""
    world.claims.heartbeat(Worker(id="worker-1", slots=slots, busy=0, warm=True, seen_at=datetime.now(UTC)))


async def test_one_tenants_edits_are_taken_as_they_came_whichever_the_messages_name(ann: World) -> None:
    asked = await ask(ann, 5)
    messages = random.Random(7).sample(asked, 5)
    claims = [ann.claims.claim(message, "worker-1") for message in messages]
    assert [claim.edit_id for claim in claims if isinstance(claim, Claim)] == asked
    assert ann.claims.claim(ANY_MESSAGE, "worker-1") is Skip.UNKNOWN


async def test_the_one_edit_of_a_tenant_comes_next_however_many_another_sent_before(ann: World, ben: World) -> None:
    await ask(ann, 50)
    assert taken(ann, 2) == "aa"
    await ask(ben, 1)
    assert taken(ann, 3) == "baa"


async def test_tenants_with_much_to_do_take_turns(ann: World, ben: World) -> None:
    await ask(ann, 10)
    await ask(ben, 5)
    assert Counter(taken(ann, 10)) == {"a": 5, "b": 5}
    assert taken(ann, 5) == "aaaaa"


async def test_who_asks_again_as_soon_as_an_edit_begins_does_not_hold_the_others_up(ann: World, ben: World) -> None:
    await ask(ann, 10)
    order = ""
    for _ in range(10):
        if not order.endswith("a"):
            await ask(ben, 1)
        order += taken(ann, 1)
    assert Counter(order) == {"a": 5, "b": 5}


async def test_twice_the_weight_is_twice_the_share(ann: World, ben: World) -> None:
    await ann.limit(weight=2)
    await ask(ann, 12)
    await ask(ben, 12)
    assert Counter(taken(ann, 12)) == {"a": 8, "b": 4}


async def test_an_edit_of_many_steps_and_pictures_counts_as_many(ann: World, ben: World) -> None:
    long = PARAMETERS.model_copy(update={"steps": 2 * PARAMETERS.steps, "count": 2})
    for _ in range(4):
        await ann.stores.edits.accept("ann", replace(await ann.new_edit(), parameters=long))
    await ask(ben, 16)
    assert Counter(taken(ann, 10)) == {"a": 2, "b": 8}


async def test_a_sweep_counts_as_all_its_pictures(ann: World, ben: World) -> None:
    axes = EditParameters.model_validate({"sweep": {"text_guidance_scale": [3, 5], "image_guidance_scale": [1, 2]}})
    sweep = axes.resolve(PARAMETERS, seed=1)
    for _ in range(4):
        await ann.stores.edits.accept("ann", replace(await ann.new_edit(), parameters=sweep))
    await ask(ben, 16)
    assert Counter(taken(ann, 10)) == {"a": 2, "b": 8}


async def test_tenants_with_one_edit_each_are_served_as_they_came(world: World) -> None:
    names = [f"tenant-{number}" for number in random.Random(7).sample(range(100), 20)]
    for name in names:
        await ask(replace(world, tenant=name), 1)
    assert [take(world).tenant for _ in names] == names


async def test_a_canceled_edit_leaves_its_place_to_whoever_is_behind_it(ann: World, ben: World) -> None:
    edits = await ask(ann, 4)
    await ask(ben, 4)
    await ann.stores.edits.cancel("ann", edits[1])
    assert [edit.tenant[0] for edit in (take(ann) for _ in range(7))] == [*"abbabab"]


async def test_what_was_canceled_is_not_held_against_its_tenant(ann: World, ben: World) -> None:
    flood = await ask(ann, 20)
    await ask(ben, 5)
    for edit_id in flood:
        await ann.stores.edits.cancel("ann", edit_id)
    await ask(ann, 3)
    assert Counter(taken(ann, 6)) == {"a": 3, "b": 3}


async def test_positions_are_the_order_in_which_edits_are_taken(ann: World, ben: World) -> None:
    await ask(ann, 6)
    take(ann)
    await ask(ben, 3)
    expected = await _by_position(ann, ben)
    assert [take(ann).edit_id for _ in expected] == [edit.id for edit in expected]


async def test_an_edit_that_is_given_back_is_next_again(ann: World, ben: World) -> None:
    await ask(ann, 3)
    claim = take(ann)
    await ask(ben, 3)
    ann.claims.release(claim)
    assert (await ann.stores.edits.get("ann", claim.edit_id)).queue_position == 1
    assert take(ann).edit_id == claim.edit_id


async def test_a_message_wakes_a_worker_for_whoever_is_next_and_a_lost_one_is_sent_again(
    ann: World, ben: World
) -> None:
    await ask(ann, 3)
    await ask(ben, 1)
    messages = await _messages(ann)
    show_up(ann, slots=4)
    for message in (messages[0], messages[1], messages[3]):  # the third is lost
        ann.claims.claim(message, "worker-1")
    left = await _by_position(ann, ben)
    assert len(left) == 1
    impatient = replace(ann.stores.queue, limits=QueueLimits(max_queue=10, max_attempts=2, resend_after_s=0.0))
    assert (await impatient.sweep()).resent == [left[0].id]
    assert (await impatient.sweep()).resent == []  # its message is on its way
    [message] = await _messages(ann)
    assert isinstance(ann.claims.claim(message, "worker-1"), Claim)


async def test_shares_stay_fair_as_edits_come_and_go(ann: World, ben: World) -> None:
    """Random arrivals, cancellations and claims: while both wait, neither gets more than two edits beyond the other."""
    dice, lead = random.Random(7), 0
    waiting: dict[str, list[str]] = {"ann": [], "ben": []}
    for _ in range(400):
        tenant, act = dice.choice((ann, ben)), dice.random()
        if act < 0.3:
            waiting[tenant.tenant] += await ask(tenant, dice.randint(1, 4))
        elif act < 0.4 and waiting[tenant.tenant]:
            await tenant.stores.edits.cancel(tenant.tenant, waiting[tenant.tenant].pop())
        elif any(waiting.values()):
            both = all(waiting.values())
            claim = take(ann)
            ann.claims.cancel(claim)
            assert claim.edit_id == waiting[claim.tenant].pop(0)
            lead = lead + (1 if claim.tenant == "ann" else -1) if both else 0
            assert abs(lead) <= 2
    assert await ann.stores.redis.zcard(LINE) == sum(map(len, waiting.values()))


async def test_no_message_is_sent_again_while_another_is_on_its_way_whichever_edit_that_names(ann: World) -> None:
    await ask(ann, 2)
    _, late = await _messages(ann)
    show_up(ann, slots=2)
    ann.claims.claim(late, "worker-1")
    assert (await ann.stores.queue.sweep()).resent == []


async def test_with_messages_lost_doubled_and_shuffled_every_edit_is_still_carried_out_once(
    ann: World, ben: World
) -> None:
    dice, slots = random.Random(7), 3
    asked = {edit_id for tenant in (ann, ben) for edit_id in await ask(tenant, 20)}
    show_up(ann, slots)
    impatient = replace(ann.stores.queue, limits=QueueLimits(max_queue=100, max_attempts=2, resend_after_s=0.0))
    messages, running, done = list[str](), list[Claim](), list[str]()
    for _ in range(200):
        for message in await _messages(ann):
            messages += [message] * dice.choice((0, 1, 1, 2))
        dice.shuffle(messages)
        while messages and len(running) < slots:
            claim = ann.claims.claim(messages.pop(), "worker-1")
            running += [claim] if isinstance(claim, Claim) else []
        if running:
            claim = running.pop(dice.randrange(len(running)))
            ann.succeed(claim)
            done.append(claim.edit_id)
        await impatient.sweep()
        if len(done) == len(asked) and not await ann.stores.redis.exists(LINE, WAKES, OPEN):
            break
    assert sorted(done) == sorted(asked)
    assert not await ann.stores.redis.exists(LINE, WAKES, OPEN)


async def _by_position(*tenants: World) -> list[Edit]:
    edits = [edit for each in tenants for edit in (await each.stores.edits.list(each.tenant, 100)).items]
    waiting = [edit for edit in edits if edit.queue_position is not None]
    return sorted(waiting, key=lambda edit: edit.queue_position or 0)


async def _messages(world: World) -> Sequence[str]:
    entries = await world.stores.queue.take("relay-1", block_s=0.01)
    await world.stores.queue.sent(entries)
    return [entry.edit_id for entry in entries]
