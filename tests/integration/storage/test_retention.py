"""Records go when nobody has touched them for as long as the settings say, and files that belong to none go too."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from shared.errors import NotFound
from shared.storage.files import FolderImageFiles
from shared.storage.keys import FILES_SINCE
from shared.storage.retention import Expired, FilesFound, Kept, RetentionStore
from tests.storage_world import World

DAY_S = 24 * 3600
KEPT = Kept(conversation_s=90 * DAY_S, edit_s=7 * DAY_S, image_s=DAY_S)
NOTHING = Expired(0, 0, 0)


@pytest.fixture
def retention(world: World) -> RetentionStore:
    return replace(world.stores.retention, kept=KEPT)


async def let_pass(world: World, seconds: int) -> None:
    """Make everything look as long untouched."""
    for index in ("conversations", "edits", "images"):
        for member in await world.stores.redis.zrange(f"dp:idle:{index}", 0, -1):
            await world.stores.redis.zincrby(f"dp:idle:{index}", -seconds * 1_000_000, member)


async def all_gone(world: World) -> bool:
    """Whether neither a key of the tenant nor one of its files is left."""
    while await world.stores.images.collect_garbage():
        pass
    files = world.stores.files
    assert isinstance(files, FolderImageFiles)
    kept = [path for path in files.folder.rglob("*") if path.is_file()]
    indexes = await world.stores.redis.keys("dp:idle:*")
    return not kept and not indexes and not await world.stores.redis.keys(f"dp:t:{world.tenant}:*")


async def test_a_conversation_goes_with_all_that_was_its_own(world: World, retention: RetentionStore) -> None:
    conversation = await world.conversation()
    world.succeed(world.claim((await world.edit(conversation)).id))
    await let_pass(world, 89 * DAY_S)
    assert await retention.expire() == NOTHING
    await let_pass(world, 2 * DAY_S)
    assert await retention.expire() == Expired(conversations=1, edits=0, images=0)
    assert await retention.expire() == NOTHING
    assert await all_gone(world)


async def test_a_conversation_that_somebody_touches_begins_anew(world: World, retention: RetentionStore) -> None:
    conversation = await world.conversation()
    await let_pass(world, 91 * DAY_S)
    edit = await world.edit(conversation)
    assert await retention.expire() == NOTHING
    await let_pass(world, 91 * DAY_S)
    assert await retention.expire() == Expired(1, 0, 0), "it was looked at"
    assert (await world.stores.edits.get(world.tenant, edit.id)).id == edit.id, "an unfinished edit keeps it"


async def test_a_finished_edit_goes_with_its_pictures_and_events(world: World, retention: RetentionStore) -> None:
    done, waiting = await world.edit(), await world.edit()
    world.succeed(world.claim(done.id))
    await let_pass(world, 8 * DAY_S)
    assert await retention.expire() == Expired(conversations=0, edits=1, images=0)
    with pytest.raises(NotFound):
        await world.stores.edits.get(world.tenant, done.id)
    assert (await world.stores.edits.get(world.tenant, waiting.id)).id == waiting.id
    world.succeed(world.claim(waiting.id))
    await let_pass(world, 8 * DAY_S)
    await retention.expire()
    assert await all_gone(world)


async def test_only_pictures_that_nothing_uses_go_by_themselves(world: World, retention: RetentionStore) -> None:
    unused, conversation = await world.image(), await world.conversation()
    await let_pass(world, 2 * DAY_S)
    assert await retention.expire() == Expired(conversations=0, edits=0, images=1)
    with pytest.raises(NotFound):
        await world.stores.images.get(world.tenant, unused)
    assert await world.stores.images.get(world.tenant, conversation.root_image_id)


async def test_zero_keeps_for_ever(world: World, retention: RetentionStore) -> None:
    await world.image()
    await world.conversation()
    await let_pass(world, 10_000 * DAY_S)
    assert await replace(retention, kept=Kept(0, 0, 0)).expire() == NOTHING


def put_aged(folder: Path, key: str, age_s: float) -> Path:
    """A file as a process leaves it that is killed before anything is recorded."""
    path = folder / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"cut off")
    os.utime(path, (time.time() - age_s,) * 2)
    return path


async def test_files_that_belong_to_no_picture_are_deleted(world: World, retention: RetentionStore) -> None:
    assert await retention.delete_orphans() == FilesFound(0, 0)
    await world.stores.redis.set(FILES_SINCE, str(time.time() - 3 * DAY_S))
    files = retention.files
    assert isinstance(files, FolderImageFiles)
    image_id = await world.image()
    [recorded] = [path for path in files.folder.rglob("*") if path.is_file()]
    os.utime(recorded, (time.time() - 2 * DAY_S,) * 2)
    lost = put_aged(files.folder, f"{world.tenant}/edit_gone-1-0.png", 2 * DAY_S)
    torn = put_aged(files.folder, f"{world.tenant}/.img_torn.png.0123", 2 * DAY_S)
    under_way = put_aged(files.folder, f"{world.tenant}/img_fresh.png", 60)
    from_before = put_aged(files.folder, "somebody/img_old.png", 4 * DAY_S)
    assert await retention.delete_orphans() == FilesFound(files=3, orphans=2)
    assert [path.exists() for path in (recorded, lost, torn, under_way, from_before)] == [
        True,
        False,
        False,
        True,
        True,
    ]
    assert await world.stores.images.get(world.tenant, image_id)
    assert await retention.missing(world.tenant) == []


async def test_a_picture_whose_file_was_lost_is_told_of(world: World, retention: RetentionStore) -> None:
    image_id = await world.image()
    world.stores.files.delete(f"{world.tenant}/{image_id}.png")
    assert await retention.missing(world.tenant) == [f"{world.tenant}/{image_id}.png"]


async def test_one_gateway_looks_in_each_interval(retention: RetentionStore) -> None:
    assert [await retention.is_time_to_look(60) for _ in range(3)] == [True, False, False]
