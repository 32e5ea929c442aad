"""Answers that never change, so that a client may keep them."""

from fastapi import Response

FOREVER = "private, max-age=31536000, immutable"


def immutable(data: bytes, media_type: str, tag: str, if_none_match: str | None) -> Response:
    """Return these bytes under an ETag, or 304 to a client that has them already."""
    headers = {"ETag": f'"{tag}"', "Cache-Control": FOREVER, "X-Content-Type-Options": "nosniff"}
    if is_known(tag, if_none_match):
        return Response(status_code=304, headers=headers)
    return Response(data, headers=headers, media_type=media_type)


def is_known(tag: str, if_none_match: str | None) -> bool:
    """Whether the client says that it has what stands under this ETag."""
    return if_none_match is not None and (if_none_match.strip() == "*" or f'"{tag}"' in if_none_match)
