"""The studio: the page at /, its files below /studio, and /docs with a Swagger UI that comes from this host."""

import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, Request, Response

from shared.errors import NotFound

WEB = Path(__file__).resolve().parents[2] / "web"
PAGE, DOCS = "index.html", "docs.html"
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Cache-Control": "no-cache",  # kept, but asked about each time: all modules of a page are of one release
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
# Named here because the system's table, which `mimetypes` reads, may lack them, and nosniff makes that an error.
MEDIA_TYPES = {".css": "text/css", ".html": "text/html", ".js": "text/javascript", ".svg": "image/svg+xml"}
METHODS = ["GET", "HEAD"]


@dataclass(frozen=True)
class Asset:
    """A file of the page: its bytes, what they are, and their hash as ETag."""

    data: bytes
    media_type: str
    etag: str


def read_assets(folder: Path) -> dict[str, Asset]:
    """Read every file below the folder by its path; a folder that is not there holds none."""
    files = (file for file in sorted(folder.rglob("*")) if file.is_file())
    return {file.relative_to(folder).as_posix(): _read(file) for file in files}


def studio_router(folder: Path = WEB) -> APIRouter:
    """Return the routes that serve the files of this folder, as they were when the process started."""
    assets = read_assets(folder)
    router = APIRouter(include_in_schema=False)

    @router.api_route("/", methods=METHODS)
    async def studio(request: Request) -> Response:
        """Serve the page."""
        return _answer(assets, PAGE, request)

    @router.api_route("/docs", methods=METHODS)
    async def docs(request: Request) -> Response:
        """Serve the API's documentation."""
        return _answer(assets, DOCS, request)

    @router.api_route("/studio/{path:path}", methods=METHODS)
    async def studio_file(path: str, request: Request) -> Response:
        """Serve a script, a style sheet or a picture of the page."""
        return _answer(assets, path, request)

    return router


def _read(file: Path) -> Asset:
    data = file.read_bytes()
    media_type = MEDIA_TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "text/plain"
    return Asset(data, media_type, f'"{hashlib.sha256(data).hexdigest()}"')


def _answer(assets: Mapping[str, Asset], path: str, request: Request) -> Response:
    asset = assets.get(path)
    if asset is None:
        raise NotFound("The studio has no such file.")
    headers = {**HEADERS, "ETag": asset.etag}
    if asset.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(asset.data, headers=headers, media_type=asset.media_type)
