"""Pictures: bytes in the image files, what is known of them in Redis."""

from dataclasses import asdict, dataclass

import anyio.to_thread

from shared.errors import NotFound
from shared.ids import NewId, new_id
from shared.schemas.image import Image
from shared.storage.client import redis_errors
from shared.storage.decode import image_of, stored_image_of
from shared.storage.files import ImageFiles
from shared.storage.keys import GARBAGE, tenant_key
from shared.storage.records import NewImage, Operation, describe_image
from shared.storage.scripts import AsyncScripts

EXTENSIONS = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}


@dataclass(frozen=True)
class ImageStore:
    """Keeps a tenant's pictures; file work happens in threads."""

    scripts: AsyncScripts
    files: ImageFiles
    new_id: NewId = new_id

    async def add(
        self,
        tenant: str,
        data: bytes,
        media_type: str,
        size: tuple[int, int],
        operation: Operation | None = None,
        *,
        image_id: str | None = None,
    ) -> Image:
        """Keep encoded bytes of a picture of `size` (width, height); the bytes are durable before the id is known.

        The same `image_id` again keeps one picture: it is for bytes that can be made anew from what the id stands for.
        """
        image_id = image_id or self.new_id("img")
        file = f"{tenant}/{image_id}.{EXTENSIONS[media_type]}"
        image = describe_image(image_id, file, data, media_type, size)
        await anyio.to_thread.run_sync(self.files.put, file, data)
        mark = asdict(operation) if operation else None
        await self.scripts.run("add_image", tenant=tenant, image=asdict(image), operation=mark)
        return await self.get(tenant, image_id)

    async def get(self, tenant: str, image_id: str) -> Image:
        """What is known of a picture; raises NotFound."""
        return image_of(await self._record(tenant, image_id))

    async def stored(self, tenant: str, image_id: str) -> NewImage:
        """The same with the key of its file and what made it; raises NotFound."""
        return stored_image_of(await self._record(tenant, image_id))

    async def read(self, tenant: str, image_id: str) -> bytes:
        """A picture's bytes; raises NotFound."""
        record = await self._record(tenant, image_id)
        return await anyio.to_thread.run_sync(self.files.get, record["file"])

    async def discard(self, tenant: str, image_id: str) -> None:
        """Delete a picture, unless a conversation or an edit uses it; unknown ids are fine."""
        await self.scripts.run("discard_image", tenant=tenant, image_id=image_id)

    async def collect_garbage(self, limit: int = 100) -> int:
        """Delete files that no picture needs any more; returns how many were looked at."""
        redis = self.scripts.redis
        with redis_errors():
            files = await redis.srandmember(GARBAGE, limit)
        for file in files or []:
            await anyio.to_thread.run_sync(self.files.delete, file)
            with redis_errors():
                await redis.srem(GARBAGE, file)
        return len(files or [])

    async def _record(self, tenant: str, image_id: str) -> dict[str, str]:
        with redis_errors():
            record: dict[str, str] = await self.scripts.redis.hgetall(tenant_key(tenant, "image", image_id))
        if not record:
            raise NotFound()
        return record
