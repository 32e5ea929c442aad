"""The lock file and the containers fit the project."""

import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from importlib.metadata import packages_distributions
from itertools import pairwise
from pathlib import Path
from tomllib import loads

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from services.local.lock import CONTAINERS, closure, container_closure, container_lock, declared
from services.local.process import ROOT
from tests.unit.test_imports import MAY_IMPORT, imported

EXTRAS_OF = {
    "shared": ("gateway", "editing"),
    "gateway": ("gateway",),
    "dialogue_service": ("dialogue",),
    "editing_service": ("editing",),
    "training": ("train",),
    "services": ("dev", "gateway"),
    "tests": ("gateway", "dialogue", "editing", "train", "dev"),
}
COMES_WITH = {"starlette": "fastapi", "kombu": "celery"}  # whose versions the other one decides
IS_PART_OF = {"opentelemetry": "opentelemetry-api"}  # a namespace of many packages; the rest comes with an extra


@cache
def installed() -> Mapping[str, list[str]]:
    """Importable name → the packages that bring it."""
    return packages_distributions()


def imported_by(package: str) -> set[str]:
    """The third-party packages, by the names they are installed under, that a package of ours imports."""
    top_level = {name.split(".")[0] for _module, name in imported(package)}
    foreign = top_level - set(sys.stdlib_module_names) - {*MAY_IMPORT, "dialogpaint", "tests"}
    names = {canonicalize_name(IS_PART_OF.get(name, installed()[name][0])) for name in foreign}
    return {COMES_WITH.get(name, name) for name in names}


@pytest.mark.parametrize("package", EXTRAS_OF)
def test_an_extra_names_every_package_that_its_process_imports(package: str) -> None:
    named = {canonicalize_name(requirement.name) for requirement in declared(*EXTRAS_OF[package])}
    assert imported_by(package) - named == set()


def test_the_client_names_every_package_that_it_imports_and_no_other() -> None:
    project = loads((ROOT / "client" / "pyproject.toml").read_text())["project"]
    needed, pictures = project["dependencies"], project["optional-dependencies"]["terminal"]
    named = {canonicalize_name(Requirement(text).name) for text in (*needed, *pictures)}
    assert imported_by("client") == named == {"httpx", "pydantic", "pillow", "shtab"}
    assert Version(project["version"]) == Version(loads((ROOT / "pyproject.toml").read_text())["project"]["version"])


def locked() -> dict[str, str]:
    """Name → version of requirements.lock."""
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    return dict(line.split("==") for line in lines if not line.startswith("#"))


def test_the_lock_names_every_package_that_the_extras_need() -> None:
    assert closure(declared()).keys() - locked().keys() == set()


@pytest.mark.parametrize("process", CONTAINERS)
def test_a_container_installs_what_its_process_needs_in_the_locked_versions_and_by_hash(process: str) -> None:
    lines = [line for line in container_lock(process).read_text().splitlines() if not line.startswith("#")]
    pinned = dict(line.removesuffix(" \\").split("==") for line in lines if not line.startswith(" "))
    assert pinned == {name: locked()[name] for name in container_closure(process)}
    assert all(after.startswith("    --hash=sha256:") for line, after in pairwise(lines) if not line.startswith(" "))
    assert "--require-hashes" in (ROOT / "services" / process / "Dockerfile").read_text()


@pytest.mark.parametrize("process", ["dialogue", "editing"])
def test_a_container_with_a_model_installs_the_locked_pytorch(process: str) -> None:
    assert f"torch=={locked()['torch']} " in (ROOT / "services" / process / "Dockerfile").read_text()


@pytest.mark.parametrize("process", ["redis", "gateway", "dialogue", "editing"])
def test_each_container_runs_as_an_ordinary_user(process: str) -> None:
    lines = Path(ROOT / "services" / process / "Dockerfile").read_text().splitlines()
    users = [line.removeprefix("USER ") for line in lines if line.startswith("USER ")]
    assert users
    assert users[-1] not in ("root", "0")


WITHOUT = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name in {missing!r}:
            raise ModuleNotFoundError("No module named " + name, name=name)
sys.meta_path.insert(0, Missing())
import gateway.__main__, gateway.webhooks.__main__
import kombu.transport.redis, uvicorn.loops.uvloop, uvicorn.protocols.http.httptools_impl
"""


def test_the_gateway_runs_on_nothing_but_its_extra() -> None:
    there = closure(declared("gateway")).keys() | {"dialogpaint"}
    missing = {name for name, packages in installed().items() if there.isdisjoint(map(canonicalize_name, packages))}
    command = [sys.executable, "-c", WITHOUT.format(missing=missing)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


def test_the_gateway_container_has_no_torch() -> None:
    assert "torch" not in closure(declared("gateway"))
