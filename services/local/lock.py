"""Write requirements.lock: the exact version, in this environment, of everything the project's extras need."""

import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from tomllib import loads

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
HEADER = "# Written by `make lock`; use it as constraints: pip install -c requirements.lock -e '.[gateway]'\n"


def main() -> int:
    """Write the lock file, or with --check only say whether it is what would be written."""
    wanted = HEADER + "".join(f"{name}=={version}\n" for name, version in sorted(closure(declared()).items()))
    lock = ROOT / "requirements.lock"
    if "--check" in sys.argv:
        return 0 if lock.read_text() == wanted else 1
    lock.write_text(wanted)
    return 0


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


if __name__ == "__main__":
    sys.exit(main())
