"""Edits on the gateway's side: accept, list, rate."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from shared.errors import EditInProgress, EditNotFinished, NotFound, QueueFull, TooManyOpenEdits, VersionMismatch
from shared.schemas.edit import EditStatus, Rating
from shared.settings import Settings
from shared.storage.records import DEFAULT_TENANT
from shared.storage.stores import open_stores
from tests.storage_world import PARAMETERS, World, said


async def test_an_accepted_edit_reads_back_as_it_was_asked_for(world: World) -> None:
    new = await world.new_edit()
    edit = await world.stores.edits.accept(world.tenant, new)
    assert (edit.id, edit.status, edit.queue_position) == (new.id, EditStatus.QUEUED, 1)
    assert edit.parameters == PARAMETERS  # a seed of 2^63 - 1 included
    assert edit.urls.cancel == f"/v1/edits/{new.id}/cancel"
    assert await world.event_names(edit.id) == ["edit.queued"]


async def test_accepting_the_same_edit_twice_queues_it_once(world: World) -> None:
    new = await world.new_edit()
    first = await world.stores.edits.accept(world.tenant, new)
    assert await world.stores.edits.accept(world.tenant, new) == first
    assert (await world.stores.queue.state()).depth == 1


async def test_an_edit_of_an_unknown_picture_conversation_or_revision_is_not_accepted(world: World) -> None:
    conversation = await world.conversation()
    new = await world.new_edit(conversation)
    for wrong in (
        replace(new, source_image_id="img_none"),
        replace(new, mask_image_id="img_none"),
        replace(new, conversation_id="conv_none"),
        replace(new, base_revision_id="rev_none"),
    ):
        with pytest.raises(NotFound):
            await world.stores.edits.accept(world.tenant, wrong)
    assert (await world.stores.queue.state()).depth == 0


async def test_a_full_queue_takes_nothing_more_and_says_when_to_come_back(settings: Settings, world: World) -> None:
    small = open_stores(settings.model_copy(update={"max_queue": 2}))
    cramped = replace(world, stores=small)
    await cramped.edit()
    await cramped.edit()
    new = await cramped.new_edit()
    with pytest.raises(QueueFull) as refused:
        await small.edits.accept(world.tenant, new)
    assert refused.value.retry_after_s
    with pytest.raises(NotFound):
        await small.edits.get(world.tenant, new.id)
    await small.close()


class TestQuota:
    """At most two open edits for each tenant."""

    @pytest.fixture
    async def ann(self, settings: Settings, world: World) -> AsyncIterator[World]:
        stores = open_stores(settings.model_copy(update={"max_open_edits": 2}))
        yield replace(world, stores=stores, tenant="ann")
        await stores.close()

    async def test_a_tenant_may_have_so_many_edits_open_and_others_as_many(self, ann: World) -> None:
        running, waiting = await ann.edit(), await ann.edit()
        ann.claim(running.id)
        with pytest.raises(TooManyOpenEdits, match="2 of your edits") as refused:
            await ann.edit()
        assert refused.value.retry_after_s
        with pytest.raises(TooManyOpenEdits):
            await ann.stores.queue.check_room("ann")
        assert await replace(ann, tenant="ben").edit()
        await ann.stores.edits.cancel("ann", waiting.id)
        assert await ann.edit()

    async def test_its_key_may_say_otherwise(self, ann: World) -> None:
        for most in (3, 0):
            await ann.limit(max_open_edits=most)
            for _ in range(3 - (await ann.stores.queue.state()).depth):
                await ann.edit()
            if most:
                with pytest.raises(TooManyOpenEdits):
                    await ann.edit()
        assert await ann.edit()

    async def test_a_turn_that_would_be_one_too_many_is_not_taken(self, ann: World) -> None:
        conversation = await ann.conversation()
        new = await ann.new_edit(conversation)
        for _ in range(2):
            await ann.edit()
        turn = said(conversation.head_revision_id, instruction="paint the house orange")
        with pytest.raises(TooManyOpenEdits):
            await ann.stores.conversations.append_turn("ann", conversation.id, turn, conversation.version, new)
        assert await ann.stores.conversations.get("ann", conversation.id) == conversation

    async def test_without_keys_there_is_nobody_to_leave_room_for(self, ann: World) -> None:
        alone = replace(ann, tenant=DEFAULT_TENANT)
        for _ in range(4):
            await alone.edit()
        assert (await alone.stores.queue.state()).depth == 4


async def test_an_explicit_edit_respects_the_conversation_it_belongs_to(world: World) -> None:
    conversation = await world.conversation()
    new = await world.new_edit(conversation)
    with pytest.raises(VersionMismatch):
        await world.stores.edits.accept(world.tenant, new, if_version=conversation.version + 1)
    edit = await world.stores.edits.accept(world.tenant, new, if_version=conversation.version)
    with pytest.raises(EditInProgress):
        await world.stores.edits.accept(world.tenant, replace(new, id="edit_other"))
    assert (await world.stores.conversations.get(world.tenant, conversation.id)).unfinished_edit_id == edit.id


async def test_queue_positions_count_from_the_front(world: World) -> None:
    edits = [await world.edit() for _ in range(3)]
    world.claim(edits[0].id)
    found = await world.stores.edits.get_many(world.tenant, [edit.id for edit in edits])
    assert [found[edit.id].queue_position for edit in edits] == [None, 1, 2]


async def test_edits_are_listed_newest_first_and_by_status(world: World) -> None:
    first, second, third = [await world.edit() for _ in range(3)]
    world.succeed(world.claim(second.id))
    listed = world.stores.edits.list
    assert [edit.id for edit in (await listed(world.tenant, 10)).items] == [third.id, second.id, first.id]
    queued = await listed(world.tenant, 1, status=EditStatus.QUEUED)
    assert [edit.id for edit in queued.items] == [third.id]
    rest = await listed(world.tenant, 1, queued.next_cursor, EditStatus.QUEUED)
    assert ([edit.id for edit in rest.items], rest.next_cursor) == ([first.id], None)
    assert [edit.id for edit in (await listed(world.tenant, 5, status=EditStatus.SUCCEEDED)).items] == [second.id]


async def test_only_an_edit_that_succeeded_can_be_rated(world: World) -> None:
    edit = await world.edit()
    rating = Rating(image_quality=5, satisfaction=4, comment="schön")
    with pytest.raises(EditNotFinished):
        await world.stores.edits.rate(world.tenant, edit.id, rating)
    world.succeed(world.claim(edit.id))
    assert (await world.stores.edits.rate(world.tenant, edit.id, rating)).rating == rating
    with pytest.raises(NotFound):
        await world.stores.edits.rate(world.tenant, "edit_none", rating)
