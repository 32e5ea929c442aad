"""Conversations, turns and the tree of revisions."""

import asyncio
from dataclasses import replace

import pytest

from shared.errors import ConcurrentChange, EditInProgress, InvalidRequest, NotFound, VersionMismatch
from shared.ids import new_id
from shared.schemas.conversation import ConversationPatch
from shared.schemas.dialogue import HISTORY_TURNS
from shared.schemas.edit import EditStatus
from shared.schemas.parameters import EditParameters
from shared.storage.records import NewConversation
from tests.storage_world import World, said


async def test_a_new_conversation_starts_at_its_root(world: World) -> None:
    conversation = await world.conversation()
    assert conversation.version == 1
    assert conversation.head_revision_id == conversation.root_revision_id
    revisions = await world.stores.conversations.revisions(world.tenant, conversation.id)
    assert [(each.id, each.image_id, each.parent_id) for each in revisions] == [
        (conversation.root_revision_id, conversation.root_image_id, None)
    ]


async def test_a_conversation_about_an_unknown_picture_is_not_created(world: World) -> None:
    with pytest.raises(NotFound):
        await world.stores.conversations.create(world.tenant, NewConversation("conv_1", "rev_1", "img_none"))
    assert (await world.stores.conversations.list(world.tenant, 10)).items == []


async def test_conversations_are_listed_newest_first_page_by_page(world: World) -> None:
    made = [(await world.conversation()).id for _ in range(5)]
    seen: list[str] = []
    cursor = None
    while True:
        page = await world.stores.conversations.list(world.tenant, 2, cursor)
        seen += [each.id for each in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == made[::-1]


@pytest.mark.parametrize("cursor", ["", "abc", "-1", "1.5", "٣", "9" * 30])
async def test_a_cursor_that_we_did_not_give_out_is_refused(world: World, cursor: str) -> None:
    with pytest.raises(InvalidRequest):
        await world.stores.conversations.list(world.tenant, 2, cursor)


async def test_a_patch_changes_what_it_names_and_clears_what_it_nulls(world: World) -> None:
    conversation = await world.conversation()
    patch = ConversationPatch(title=None, defaults=EditParameters(steps=7))
    changed = await world.stores.conversations.update(world.tenant, conversation.id, patch, conversation.version)
    assert (changed.title, changed.defaults.steps, changed.version) == (None, 7, 2)
    with pytest.raises(VersionMismatch) as refused:
        await world.stores.conversations.update(world.tenant, conversation.id, patch, conversation.version)
    assert refused.value.version == 2


async def test_a_turn_without_an_edit_is_recorded_whole(world: World) -> None:
    conversation = await world.conversation()
    turn = said(conversation.head_revision_id)
    stored = await world.stores.conversations.append_turn(world.tenant, conversation.id, turn, conversation.version)
    assert (stored.number, stored.text, stored.reply.text, stored.edit) == (1, turn.text, "Which part?", None)
    assert await world.event_names(conversation.id) == ["turn.created"]


async def test_a_turn_and_its_edit_come_into_being_together(world: World) -> None:
    conversation = await world.conversation()
    edit = await world.new_edit(conversation)
    turn = said(conversation.head_revision_id, instruction=edit.instruction)
    stored = await world.stores.conversations.append_turn(
        world.tenant, conversation.id, turn, conversation.version, edit
    )
    assert stored.edit is not None
    assert (stored.edit.status, stored.edit.turn, stored.edit.queue_position) == (EditStatus.QUEUED, 1, 1)
    assert await world.event_names(conversation.id) == ["turn.created", "edit.queued"]


async def test_a_turn_on_a_stale_version_leaves_nothing_behind(world: World) -> None:
    conversation = await world.conversation()
    edit = await world.new_edit(conversation)
    turn = said(conversation.head_revision_id, instruction=edit.instruction)
    with pytest.raises(ConcurrentChange):
        await world.stores.conversations.append_turn(world.tenant, conversation.id, turn, 99, edit)
    assert (await world.stores.conversations.turns(world.tenant, conversation.id, 10)).items == []
    assert (await world.stores.edits.list(world.tenant, 10)).items == []


async def test_of_many_turns_at_once_exactly_one_wins(world: World) -> None:
    conversation = await world.conversation()
    turns = [said(conversation.head_revision_id, text=f"turn {number}") for number in range(20)]
    results = await asyncio.gather(
        *(
            world.stores.conversations.append_turn(world.tenant, conversation.id, turn, conversation.version)
            for turn in turns
        ),
        return_exceptions=True,
    )
    assert sum(not isinstance(result, BaseException) for result in results) == 1
    assert sum(isinstance(result, ConcurrentChange) for result in results) == 19


async def test_appending_the_same_turn_twice_records_it_once(world: World) -> None:
    conversation = await world.conversation()
    turn = said(conversation.head_revision_id)
    append = world.stores.conversations.append_turn
    first = await append(world.tenant, conversation.id, turn, conversation.version)
    assert await append(world.tenant, conversation.id, turn, conversation.version) == first
    assert len((await world.stores.conversations.turns(world.tenant, conversation.id, 10)).items) == 1


async def test_a_conversation_with_an_unfinished_edit_takes_nothing_new(world: World) -> None:
    conversation = await world.conversation()
    edit = await world.edit(conversation)
    for attempt in (
        world.stores.conversations.begin_turn(world.tenant, conversation.id),
        world.stores.conversations.append_turn(world.tenant, conversation.id, said(conversation.head_revision_id), 2),
        world.stores.conversations.move_head(world.tenant, conversation.id, conversation.root_revision_id),
    ):
        with pytest.raises(EditInProgress) as refused:
            await attempt
        assert refused.value.edit_id == edit.id


async def test_a_finished_edit_becomes_a_revision_and_the_head(world: World) -> None:
    conversation = await world.conversation()
    edit = await world.edit(conversation)
    world.succeed(world.claim(edit.id))
    context = await world.stores.conversations.begin_turn(world.tenant, conversation.id)
    assert context.base.edit_id == edit.id
    assert context.base.parent_id == conversation.root_revision_id
    assert context.base.instruction == edit.instruction
    assert [each.id for each in context.path] == [conversation.root_revision_id, context.base.id]


async def test_undo_moves_the_head_back_and_redo_forth(world: World) -> None:
    conversation = await world.conversation()
    world.succeed(world.claim((await world.edit(conversation)).id))
    newest = (await world.stores.conversations.get(world.tenant, conversation.id)).head_revision_id
    move = world.stores.conversations.move_head
    assert (await move(world.tenant, conversation.id, conversation.root_revision_id)).head_revision_id != newest
    assert (await move(world.tenant, conversation.id, newest)).head_revision_id == newest
    with pytest.raises(NotFound):
        await move(world.tenant, conversation.id, "rev_none")


async def test_a_turn_may_move_the_head_with_it_or_neither_happens(world: World) -> None:
    conversation = await world.conversation()
    world.succeed(world.claim((await world.edit(conversation)).id))
    stores, now = world.stores.conversations, await world.stores.conversations.get(world.tenant, conversation.id)
    turn = replace(said(now.head_revision_id), head_revision_id="rev_none")
    with pytest.raises(NotFound):
        await stores.append_turn(world.tenant, conversation.id, turn, now.version)
    assert (await stores.get(world.tenant, conversation.id)).turn_count == now.turn_count
    turn = replace(turn, head_revision_id=conversation.root_revision_id)
    stored = await stores.append_turn(world.tenant, conversation.id, turn, now.version)
    assert stored.head_revision_id == conversation.root_revision_id
    after = await stores.get(world.tenant, conversation.id)
    assert (after.head_revision_id, after.version) == (conversation.root_revision_id, now.version + 1)
    assert (await world.event_names(conversation.id))[-2:] == ["turn.created", "head.moved"]


async def test_a_turn_may_start_from_the_root_or_any_revision(world: World) -> None:
    conversation = await world.conversation()
    world.succeed(world.claim((await world.edit(conversation)).id))
    begin = world.stores.conversations.begin_turn
    context = await begin(world.tenant, conversation.id, "root")
    assert [each.id for each in context.path] == [conversation.root_revision_id]
    assert [each.instructions for each in context.head_path] == [(), ("paint the house orange",)]
    with pytest.raises(NotFound):
        await begin(world.tenant, conversation.id, "rev_none")


async def test_turns_are_paged_oldest_first(world: World) -> None:
    conversation = await world.conversation()
    for number in range(3):
        turn = said(conversation.head_revision_id, text=f"turn {number + 1}")
        await world.stores.conversations.append_turn(world.tenant, conversation.id, turn, number + 1)
    first = await world.stores.conversations.turns(world.tenant, conversation.id, 2)
    second = await world.stores.conversations.turns(world.tenant, conversation.id, 2, first.next_cursor)
    assert [turn.text for turn in first.items + second.items] == ["turn 1", "turn 2", "turn 3"]
    assert second.next_cursor is None


async def test_deleting_a_conversation_deletes_what_only_it_used(world: World) -> None:
    conversation = await world.conversation()
    edit = await world.edit(conversation)
    world.succeed(world.claim(edit.id))
    shared = NewConversation(new_id("conv"), new_id("rev"), conversation.root_image_id)
    other = await world.stores.conversations.create(world.tenant, shared)
    result = (await world.stores.edits.get(world.tenant, edit.id)).image_ids[0]

    await world.stores.conversations.delete(world.tenant, conversation.id)
    await world.stores.images.collect_garbage()

    for gone in (
        world.stores.conversations.get(world.tenant, conversation.id),
        world.stores.edits.get(world.tenant, edit.id),
        world.stores.images.read(world.tenant, result),
    ):
        with pytest.raises(NotFound):
            await gone
    assert await world.stores.images.read(world.tenant, other.root_image_id)


async def test_deleting_a_conversation_leaves_no_key_and_no_file_behind(world: World) -> None:
    conversation = await world.conversation()
    await world.stores.conversations.append_turn(
        world.tenant, conversation.id, said(conversation.head_revision_id), conversation.version
    )
    world.succeed(world.claim((await world.edit(conversation)).id))
    await world.stores.conversations.delete(world.tenant, conversation.id)
    await world.stores.images.collect_garbage()
    keys = set(await world.stores.redis.keys("*"))
    assert keys <= {"dp:outbox", "dp:woken", "dp:line:front", "dp:line:served"}


async def test_a_new_turn_leans_on_the_latest_turns_alone(world: World) -> None:
    conversation = await world.conversation()
    stores = world.stores.conversations
    for number in range(HISTORY_TURNS + 3):
        now = await stores.get(world.tenant, conversation.id)
        turn = replace(said(now.head_revision_id), id=f"turn_{number}", text=f"wish {number}")
        await stores.append_turn(world.tenant, conversation.id, turn, now.version)
    context = await stores.begin_turn(world.tenant, conversation.id)
    assert [past.text for past in context.turns] == [f"wish {number}" for number in range(3, HISTORY_TURNS + 3)]
