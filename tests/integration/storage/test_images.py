"""Pictures: what is known of them and their bytes."""

import hashlib

import pytest

from shared.errors import NotFound, StorageUnavailable
from tests.storage_world import PICTURE, World


async def test_a_stored_picture_reads_back_byte_for_byte(world: World) -> None:
    image = await world.stores.images.add(world.tenant, PICTURE, "image/png", (4, 3))
    assert (image.width, image.height, image.size) == (4, 3, len(PICTURE))
    assert image.sha256 == hashlib.sha256(PICTURE).hexdigest()
    assert image.urls.self == f"/v1/images/{image.id}"
    assert await world.stores.images.read(world.tenant, image.id) == PICTURE


async def test_an_unknown_picture_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        await world.stores.images.get(world.tenant, "img_none")


async def test_garbage_is_collected_once(world: World) -> None:
    conversation = await world.conversation()
    await world.stores.conversations.delete(world.tenant, conversation.id)
    assert await world.stores.images.collect_garbage() == 1
    assert await world.stores.images.collect_garbage() == 0


async def test_a_picture_that_nothing_uses_can_be_discarded(world: World) -> None:
    image_id = await world.image()
    await world.stores.images.discard(world.tenant, image_id)
    await world.stores.images.discard(world.tenant, image_id)
    with pytest.raises(NotFound):
        await world.stores.images.get(world.tenant, image_id)
    assert await world.stores.images.collect_garbage() == 1


async def test_a_picture_that_an_edit_uses_is_not_discarded(world: World) -> None:
    edit = await world.edit()
    await world.stores.images.discard(world.tenant, edit.source_image_id)
    assert await world.stores.images.read(world.tenant, edit.source_image_id) == PICTURE


async def test_a_picture_that_cannot_be_kept_gets_no_id(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(_path: object, _data: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shared.storage.files._write_and_sync", no_room)
    with pytest.raises(StorageUnavailable):
        await world.image()
    assert await world.stores.redis.keys("*") == []


async def test_the_check_writes_to_both_stores(world: World) -> None:
    await world.stores.check()
