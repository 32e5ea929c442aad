"""Write the lock files: the exact version, in this environment, of everything the project's extras need.

requirements.lock has them all, without hashes. services/<process>/requirements.lock has what a container installs, with
the hashes of every file that the index has for it; PyTorch, which is another file on each index, is left out.
"""

import subprocess
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from tomllib import loads

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
CONTAINERS = ("gateway", "dialogue", "editing")
UNHASHED = "torch"
HEADER = "# Written by `make lock`; use it as constraints: pip install -c requirements.lock -e '.[gateway]'\n"
CONTAINER_HEADER = "# Written by `make lock`: pip install --require-hashes --no-deps -r this\n"


def main() -> int:
    """Write the lock files, given the path of uv; with --check only say whether the first is what would be written."""
    wanted = HEADER + _lines(closure(declared()))
    lock = ROOT / "requirements.lock"
    if "--check" in sys.argv:
        return 0 if lock.read_text() == wanted else 1
    lock.write_text(wanted)
    for process in CONTAINERS:
        container_lock(process).write_text(CONTAINER_HEADER + _hashed(container_closure(process), uv=sys.argv[1]))
    return 0


def container_lock(process: str) -> Path:
    """The file that the container of a process installs from."""
    return ROOT / "services" / process / "requirements.lock"


def container_closure(process: str) -> dict[str, str]:
    """What that file holds: all that the process needs, and what it traces with."""
    versions = closure(declared(process, "trace"))
    versions.pop(UNHASHED, None)
    return versions


def declared(*extras: str) -> list[Requirement]:
    """The requirements of pyproject.toml: of these extras, or of every one."""
    project = loads((ROOT / "pyproject.toml").read_text())["project"]
    optional = project["optional-dependencies"]
    texts = [*project["dependencies"], *(text for extra in extras or optional for text in optional[extra])]
    return [Requirement(text) for text in texts]


def closure(requirements: list[Requirement]) -> dict[str, str]:
    """Name → installed public version of the requirements and all that they require here."""
    versions: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    waiting = [(requirement, extra) for requirement in requirements for extra in ("", *requirement.extras)]
    while waiting:
        requirement, extra = waiting.pop()
        name = canonicalize_name(requirement.name)
        if (name, extra) in seen:
            continue
        seen.add((name, extra))
        try:
            installed = distribution(name)
        except PackageNotFoundError:
            continue  # pip left it out for this platform
        versions[name] = Version(installed.version).public
        for text in installed.requires or ():
            needed = Requirement(text)
            if needed.marker is None or needed.marker.evaluate({"extra": extra}):
                waiting += [(needed, inner) for inner in ("", *needed.extras)]
    return versions


def _lines(versions: dict[str, str]) -> str:
    return "".join(f"{name}=={version}\n" for name, version in sorted(versions.items()))


def _hashed(versions: dict[str, str], uv: str) -> str:
    """The same lines with the hashes that the package index has for them."""
    command = [uv, "pip", "compile", "-", "--quiet", "--no-deps", "--generate-hashes", "--no-header", "--no-annotate"]
    command += ["--python", sys.executable]
    return subprocess.run(command, input=_lines(versions), capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    sys.exit(main())
