"""The loop that lets things go when their time has come.

    python -m gateway.housekeeping

looks through the image store at once and says what it found, beside the gateways or without any. Its exit status is 1
if the file of some picture is missing.
"""

import asyncio
import sys

import structlog

from gateway.loops import repeat
from gateway.metrics import GatewayMetrics
from shared.settings import Settings, read_settings
from shared.storage.retention import FilesFound, RetentionStore
from shared.storage.stores import Stores, open_stores

log = structlog.get_logger(__name__)


async def keep_house(stores: Stores, settings: Settings, metrics: GatewayMetrics) -> None:
    """Delete records that have had their time and the files that none needs, until canceled."""
    retention = stores.retention

    async def once() -> None:
        await _expire(retention, metrics)
        while await stores.images.collect_garbage():
            pass
        if settings.orphans_interval_s and await retention.is_time_to_look(settings.orphans_interval_s):
            metrics.count_orphans(await _look(retention))

    await repeat(once, settings.sweep_interval_s, failed="housekeeping_failed")


async def _expire(retention: RetentionStore, metrics: GatewayMetrics) -> None:
    while expired := await retention.expire():
        metrics.count_expired(expired)
        log.info("expired", **vars(expired))
        await asyncio.sleep(0)  # requests go first


async def _look(retention: RetentionStore) -> FilesFound:
    found = await retention.delete_orphans()
    log.info("image_store_looked_through", files=found.files, orphans_deleted=found.orphans)
    return found


async def main() -> int:
    """Look through the image store once; returns the exit status."""
    stores = open_stores(read_settings())
    try:
        found = await stores.retention.delete_orphans()
        print(f"{found.files} files looked at, {found.orphans} that belonged to nothing deleted")
        missing = await stores.retention.all_missing()
    finally:
        await stores.close()
    for tenant, files in missing.items():
        print(f"{tenant}: {len(files)} pictures without their files", *files, sep="\n  ")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
