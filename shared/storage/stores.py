"""The gateway's stores, opened together."""

from dataclasses import dataclass

import anyio.to_thread

from shared.settings import Settings
from shared.storage.api_keys import KeyStore
from shared.storage.archives import ArchiveStore
from shared.storage.client import AsyncRedis, connect, connect_reader, redis_errors
from shared.storage.conversations import ConversationStore
from shared.storage.edits import EditStore
from shared.storage.endings import EndingReader
from shared.storage.events import EventReader, EventStore
from shared.storage.files import ImageFiles, open_image_files
from shared.storage.idempotency import IdempotencyStore
from shared.storage.images import ImageStore
from shared.storage.queue import QueueLimits, QueueStore
from shared.storage.rates import RateStore
from shared.storage.records import DEFAULT_TENANT
from shared.storage.retention import Kept, RetentionStore
from shared.storage.scripts import AsyncScripts, load_scripts
from shared.storage.studies import StudyStore
from shared.storage.webhooks import WebhookStore

BUSY_MARGIN_S = 30  # beyond the longest reply, before the worker of an idempotency key counts as gone
PROBE_KEY = "dp:probe"
PROBE_TTL_S = 60


@dataclass(frozen=True)
class RedisState:
    """How Redis itself is."""

    memory_bytes: int
    memory_limit_bytes: int  # 0 for no limit
    append_only_ok: bool


@dataclass(frozen=True)
class Stores:
    """Every store of the gateway over one pool of connections (and one more for blocking reads)."""

    redis: AsyncRedis
    reader: AsyncRedis
    redis_url: str
    files: ImageFiles
    conversations: ConversationStore
    archives: ArchiveStore
    edits: EditStore
    events: EventStore
    images: ImageStore
    idempotency: IdempotencyStore
    queue: QueueStore
    rates: RateStore
    webhooks: WebhookStore
    retention: RetentionStore
    keys: KeyStore
    studies: StudyStore

    def ending_reader(self) -> EndingReader:
        """Open a reader that hears of edits as they end."""
        return EndingReader(self.reader)

    def event_reader(self) -> EventReader:
        """Open a reader that can wait on many streams; close it yourself."""
        return EventReader(self.redis_url)

    async def check_redis(self) -> None:
        """Raise StorageUnavailable unless Redis takes a write."""
        with redis_errors():
            await self.redis.set(PROBE_KEY, "1", ex=PROBE_TTL_S)

    async def redis_state(self) -> RedisState:
        """Ask Redis for its memory and whether its append-only file is in order."""
        with redis_errors():
            info = await self.redis.info()
        appends = info.get("aof_enabled") == 1 and info.get("aof_last_write_status") == "ok"
        return RedisState(info["used_memory"], info.get("maxmemory", 0), appends)

    async def check_files(self) -> None:
        """Raise StorageUnavailable unless the image files take a write."""
        await anyio.to_thread.run_sync(self.files.check)

    async def check(self) -> None:
        """Raise StorageUnavailable unless both take a write."""
        await self.check_redis()
        await self.check_files()

    async def close(self) -> None:
        """Close the connections."""
        await self.reader.aclose()
        await self.redis.aclose()


def open_stores(settings: Settings) -> Stores:
    """Open the gateway's stores; nothing is connected before the first call."""
    load_scripts()
    redis, reader = connect(settings.redis_url), connect_reader(settings.redis_url)
    constants = {
        "stream_length": settings.event_stream_length,
        "events_ttl_s": settings.edit_events_ttl_s,
        "max_queue": settings.max_queue,
        "max_open_edits": settings.max_open_edits,
        "weight": 1,
        "keyless_tenant": DEFAULT_TENANT,
    }
    scripts = AsyncScripts(redis, constants)
    files = open_image_files(settings.image_store_url)
    edits = EditStore(scripts)
    conversations = ConversationStore(scripts, edits)
    limits = QueueLimits(settings.max_queue, settings.max_attempts, settings.resend_after_s)
    kept = Kept(settings.conversation_ttl_s, settings.edit_ttl_s, settings.unused_image_ttl_s, settings.study_ttl_s)
    busy_s = round(settings.dialogue_timeout_s) + BUSY_MARGIN_S
    return Stores(
        redis=redis,
        reader=reader,
        redis_url=settings.redis_url,
        files=files,
        conversations=conversations,
        archives=ArchiveStore(scripts, edits, conversations),
        edits=edits,
        events=EventStore(redis),
        images=ImageStore(scripts, files),
        idempotency=IdempotencyStore(scripts, settings.idempotency_ttl_s, busy_s),
        queue=QueueStore(scripts, reader, limits),
        rates=RateStore(scripts),
        webhooks=WebhookStore(scripts, reader),
        retention=RetentionStore(scripts, files, kept),
        keys=KeyStore(redis),
        studies=StudyStore(scripts),
    )
