"""A gateway that is given what nobody well-meaning would send; `make fuzz` does it for longer."""

from collections.abc import Iterator

import httpx
import pytest

from tests.hostile.gateway_process import GatewayProcess, running_gateway

SETTINGS = {"SSE_HEARTBEAT_S": "0.5"}  # so that a reader soon learns that there is nothing more


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long ones to `make fuzz`."""
    if "fuzz" in config.option.markexpr:
        return
    long = [item for item in items if item.get_closest_marker("fuzz")]
    config.hook.pytest_deselected(items=long)
    items[:] = [item for item in items if item not in long]


@pytest.fixture(scope="session")
def gateway(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayProcess]:
    """A gateway process that all these tests share, so that one after the other has to leave it well."""
    with running_gateway(tmp_path_factory.mktemp("hostile"), SETTINGS) as process:
        yield process
        if request.session.testsfailed:
            print("\n".join(process.log))


@pytest.fixture
def api(gateway: GatewayProcess) -> Iterator[httpx.Client]:
    """A client of it."""
    with httpx.Client(base_url=gateway.url, trust_env=False, timeout=60) as client:
        yield client
