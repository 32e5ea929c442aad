"""Pages of sorted sets: the cursor is the score of the last item seen, and scores are unique times."""

from shared.errors import InvalidRequest
from shared.storage.client import AsyncRedis, redis_errors


def start_of(cursor: str | None) -> int | None:
    """The number inside a cursor; raises InvalidRequest for one that we did not make."""
    if cursor is None:
        return None
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= 16):
        raise InvalidRequest("The cursor is not one that this list gave out; leave it away to start again.")
    return int(cursor)


async def newest_first(redis: AsyncRedis, index: str, limit: int, cursor: str | None) -> tuple[list[str], str | None]:
    """Ids of at most `limit` items older than the cursor, and the cursor of the next page."""
    start = start_of(cursor)
    highest = "+inf" if start is None else f"({start}"
    with redis_errors():
        found = await redis.zrevrangebyscore(index, highest, "-inf", start=0, num=limit + 1, withscores=True)
    ids = [member for member, _ in found[:limit]]
    more = f"{found[limit - 1][1]:.0f}" if len(found) > limit else None
    return ids, more
