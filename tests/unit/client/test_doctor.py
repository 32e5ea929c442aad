"""The doctor names what is missing, and how to mend it."""

import ast

import httpx
import pytest

from dialogpaint.cli.doctor import MENDS, UNKNOWN, Finding, examine
from gateway import examples
from services.local.process import ROOT
from tests.client_server import Answer, Server, WithoutWaiting, client_of, ok, problem


def findings(*answers: Answer) -> list[Finding]:
    return list(examine(client_of(WithoutWaiting(Server(*answers)))))


def ill(found: list[Finding]) -> dict[str, str]:
    return {finding.name: finding.mend for finding in found if not finding.is_well}


def test_a_ready_server_has_nothing_to_mend() -> None:
    found = findings(ok(examples.READY), ok(examples.MODELS))
    assert ill(found) == {}
    assert any("mini-editor" in finding.says for finding in found)


@pytest.mark.parametrize(
    ("answer", "mend"),
    [
        (httpx.ConnectError("refused"), "make up"),
        (httpx.Response(200, text="<html>"), "--server"),
        (ok({}), "--server"),
    ],
)
def test_a_server_that_is_none_ends_the_examination(answer: Answer, mend: str) -> None:
    found = findings(answer)
    assert mend in ill(found)["server"]
    assert found[-1].name == "server"


def test_missing_parts_are_named_each_with_its_mend() -> None:
    missing = ["redis", "warm editing worker", "something new"]
    found = findings(problem(503, ready=False, missing=missing), problem(503))
    assert list(ill(found)) == missing
    assert "editing_service" in ill(found)["warm editing worker"]
    assert ill(found)["something new"] == UNKNOWN


def test_a_missing_key_is_told_from_a_missing_server() -> None:
    found = findings(ok(examples.READY), problem(401, "unauthorized"))
    assert "DIALOGPAINT_KEY" in ill(found)["key"]


def test_every_part_that_the_gateway_may_miss_has_a_mend() -> None:
    source = ast.parse((ROOT / "gateway" / "readiness.py").read_text())
    checked = next(each for each in ast.walk(source) if isinstance(each, ast.Dict))
    names = {ast.literal_eval(key) for key in checked.keys if key}
    assert len(names) >= 4
    assert names <= MENDS.keys()
