"""The lock file and the containers fit the project."""

from pathlib import Path

import pytest

from services.local.lock import closure, declared
from services.local.process import ROOT


def locked() -> dict[str, str]:
    """Name → version of requirements.lock."""
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    return dict(line.split("==") for line in lines if not line.startswith("#"))


def test_the_lock_names_every_package_that_the_extras_need() -> None:
    assert closure(declared()).keys() - locked().keys() == set()


@pytest.mark.parametrize("process", ["redis", "gateway", "dialogue", "editing"])
def test_each_container_runs_as_an_ordinary_user(process: str) -> None:
    lines = Path(ROOT / "services" / process / "Dockerfile").read_text().splitlines()
    users = [line.removeprefix("USER ") for line in lines if line.startswith("USER ")]
    assert users
    assert users[-1] not in ("root", "0")


def test_the_gateway_container_has_no_torch() -> None:
    extras = (ROOT / "pyproject.toml").read_text().split("[project.optional-dependencies]")[1]
    gateway = extras.split("gateway = [")[1].split("]")[0]
    assert "torch" not in gateway
