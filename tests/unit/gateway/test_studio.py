"""The studio's files: what is sent, with which headers, and that nothing comes from elsewhere."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from gateway.app import create_app
from gateway.auth import hash_key
from gateway.routes.studio import WEB, read_assets
from services.local.process import ROOT
from shared.settings import Settings

OURS = sorted(file for file in WEB.rglob("*") if file.is_file() and "vendor" not in file.parts)
REFERENCE = re.compile(r"""(?:src|href)="(/studio/[^"]+)"|from "(\.[^"]+)"|import\("(\.[^"]+)"\)""")


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """A gateway that wants a key for everything but its pages."""
    app = create_app(Settings(api_keys=f"someone:{hash_key('someone.secret')}"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway") as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/docs", "/studio/js/main.js", "/studio/icon.svg"])
async def test_the_page_is_open_and_guarded_by_a_strict_policy(http: httpx.AsyncClient, path: str) -> None:
    answer = await http.get(path)
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert {"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"} <= set(policy.split("; "))
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_what_the_page_shows_still_needs_a_key(http: httpx.AsyncClient) -> None:
    assert (await http.get("/v1/samples")).status_code == 401


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/docs", "text/html; charset=utf-8"),
        ("/studio/js/main.js", "text/javascript; charset=utf-8"),
        ("/studio/css/base.css", "text/css; charset=utf-8"),
        ("/studio/icon.svg", "image/svg+xml"),
        ("/studio/vendor/swagger/LICENSE", "text/plain; charset=utf-8"),
    ],
)
async def test_a_file_has_its_type(http: httpx.AsyncClient, path: str, media_type: str) -> None:
    assert (await http.get(path)).headers["content-type"] == media_type


async def test_a_file_that_the_browser_has_is_not_sent_again(http: httpx.AsyncClient) -> None:
    first = await http.get("/studio/js/main.js")
    again = await http.get("/studio/js/main.js", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    changed = await http.get("/studio/js/main.js", headers={"If-None-Match": '"else"'})
    assert changed.content == first.content


async def test_head_tells_the_size_alone(http: httpx.AsyncClient) -> None:
    answer = await http.head("/")
    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer.headers["content-length"]) == (WEB / "index.html").stat().st_size


@pytest.mark.parametrize(
    "path", ["/studio/nothing.js", "/studio/%2e%2e/pyproject.toml", "/studio/", "/studio//etc/passwd"]
)
async def test_only_the_files_of_the_page_are_there(http: httpx.AsyncClient, path: str) -> None:
    answer = await http.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert read_assets(tmp_path / "web") == {}


@pytest.mark.parametrize("file", [file for file in OURS if file.suffix in (".html", ".js")], ids=lambda file: file.name)
def test_whatever_a_file_refers_to_is_there(file: Path) -> None:
    for absolute, static, dynamic in REFERENCE.findall(file.read_text()):
        found = WEB / absolute.removeprefix("/studio/") if absolute else file.parent / (static or dynamic)
        assert found.is_file(), found


@pytest.mark.parametrize("file", [file for file in OURS if file.suffix == ".html"], ids=lambda file: file.name)
def test_a_page_has_no_script_or_style_of_its_own(file: Path) -> None:
    assert re.findall(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:", file.read_text()) == []


@pytest.mark.parametrize("file", OURS, ids=lambda file: file.name)
def test_no_file_names_another_host(file: Path) -> None:
    assert set(re.findall(r"(?:https?:)?//[\w.-]+\.\w+", file.read_text())) <= {"http://www.w3.org"}


def test_the_container_has_the_page() -> None:
    assert "COPY web web" in (ROOT / "services/gateway/Dockerfile").read_text().splitlines()
    assert "!web" in (ROOT / ".dockerignore").read_text().splitlines()
