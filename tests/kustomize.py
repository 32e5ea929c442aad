"""Builds the kustomizations of this project where there is no kubectl: resources, namespace, strategic merges, images.

Of strategic merges it knows what these overlays use: maps are merged, and the lists of `KEYS` by their key; every
other list is replaced.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

Object = dict[str, Any]
KEYS = {"containers": "name", "env": "name", "volumes": "name", "volumeMounts": "mountPath"}
CLUSTER_WIDE = {"Namespace"}


def build(folder: Path) -> list[Object]:
    """The objects of a folder with a kustomization.yaml."""
    told = yaml.safe_load((folder / "kustomization.yaml").read_text())
    unknown = told.keys() - {"apiVersion", "kind", "resources", "namespace", "patches", "images"}
    assert not unknown, f"this helper does not know {unknown}"
    objects = [each for resource in told["resources"] for each in _read(folder / resource)]
    for each in objects:
        if "namespace" in told and each["kind"] not in CLUSTER_WIDE:
            each["metadata"]["namespace"] = told["namespace"]
    for patch in told.get("patches", []):
        for change in _documents(folder / patch["path"]):
            [target] = [each for each in objects if _named(each) == _named(change)]
            merge(target, change)
    for image in told.get("images", []):
        _rename_image(objects, image["name"], f"{image['newName']}:{image['newTag']}")
    return objects


def merge(into: Object, change: Object) -> None:
    """Merge a patch into an object."""
    for name, value in change.items():
        if isinstance(value, dict) and isinstance(into.get(name), dict):
            merge(into[name], value)
        elif name in KEYS and name in into:
            _merge_list(into[name], value, KEYS[name])
        else:
            into[name] = value


def containers(each: Object) -> list[Object]:
    """The containers of an object's pods; none where it has no pods."""
    found: list[Object] = pod(each).get("containers", [])
    return found


def pod(each: Object) -> Object:
    """The specification of an object's pods; empty where it has none."""
    spec: Object = each.get("spec", {}).get("template", {}).get("spec", {})
    return spec


def _read(place: Path) -> list[Object]:
    return build(place) if place.is_dir() else _documents(place)


def _documents(file: Path) -> list[Object]:
    return list(yaml.safe_load_all(file.read_text()))


def _named(each: Object) -> tuple[str, str]:
    return each["kind"], each["metadata"]["name"]


def _merge_list(into: list[Object], changes: list[Object], key: str) -> None:
    for change in changes:
        same = [each for each in into if each[key] == change[key]]
        if same:
            merge(same[0], change)
        else:
            into.append(change)


def _rename_image(objects: list[Object], name: str, new: str) -> None:
    for container in (each for one in objects for each in containers(one)):
        if container["image"].rpartition(":")[0] == name:
            container["image"] = new
