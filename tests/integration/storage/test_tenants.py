"""Another tenant's ids answer as if they did not exist, whatever one does with them."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from shared.errors import NotFound
from shared.schemas.conversation import Conversation, ConversationPatch
from shared.schemas.edit import Edit, Rating
from shared.storage.records import NewConversation
from tests.storage_world import World, said

THIEF = "thief"
Attempt = Callable[[World, Conversation, Edit], Awaitable[object]]

ATTEMPTS: dict[str, Attempt] = {
    "read a conversation": lambda world, owned, _: world.stores.conversations.get(THIEF, owned.id),
    "change it": lambda world, owned, _: world.stores.conversations.update(THIEF, owned.id, ConversationPatch()),
    "delete it": lambda world, owned, _: world.stores.conversations.delete(THIEF, owned.id),
    "begin a turn": lambda world, owned, _: world.stores.conversations.begin_turn(THIEF, owned.id),
    "append a turn": lambda world, owned, _: world.stores.conversations.append_turn(
        THIEF, owned.id, said(owned.head_revision_id), owned.version
    ),
    "read its turns": lambda world, owned, _: world.stores.conversations.turns(THIEF, owned.id, 10),
    "read its revisions": lambda world, owned, _: world.stores.conversations.revisions(THIEF, owned.id),
    "move its head": lambda world, owned, _: world.stores.conversations.move_head(
        THIEF, owned.id, owned.root_revision_id
    ),
    "talk about its picture": lambda world, owned, _: world.stores.conversations.create(
        THIEF, NewConversation("conv_t", "rev_t", owned.root_image_id)
    ),
    "read its picture": lambda world, owned, _: world.stores.images.read(THIEF, owned.root_image_id),
    "read an edit": lambda world, _, edit: world.stores.edits.get(THIEF, edit.id),
    "cancel it": lambda world, _, edit: world.stores.edits.cancel(THIEF, edit.id),
    "rate it": lambda world, _, edit: world.stores.edits.rate(THIEF, edit.id, Rating(image_quality=1, satisfaction=1)),
}


@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=list(ATTEMPTS))
async def test_nobody_can(world: World, attempt: Attempt) -> None:
    owned = await world.conversation()
    edit = await world.edit()
    with pytest.raises(NotFound):
        await attempt(world, owned, edit)
    assert (await world.stores.conversations.get(world.tenant, owned.id)) == owned
    assert (await world.stores.edits.get(world.tenant, edit.id)).status == edit.status


async def test_an_edit_of_a_foreign_picture_is_not_accepted(world: World) -> None:
    new = await world.new_edit()
    with pytest.raises(NotFound):
        await world.stores.edits.accept(THIEF, replace(new, id="edit_t"))


async def test_lists_and_streams_hold_only_what_is_ones_own(world: World) -> None:
    conversation = await world.conversation()
    await world.edit(conversation)
    assert (await world.stores.conversations.list(THIEF, 10)).items == []
    assert (await world.stores.edits.list(THIEF, 10)).items == []
    assert (await world.stores.events.read(THIEF, conversation.id, 0)).events == []
