"""Replaces a function of the product in this process, before it starts: for fail points and mutants."""

from collections.abc import Callable
from importlib import import_module
from typing import Any


def replace(place: str, make: Callable[[Any], Any]) -> None:
    """Put at `module:name` or `module:Class.name` what `make` makes of what is there."""
    module, _, path = place.partition(":")
    *owners, name = path.split(".")
    owner: Any = import_module(module)
    for each in owners:
        owner = getattr(owner, each)
    setattr(owner, name, make(getattr(owner, name)))
