"""What /openapi.json says against what the gateway does, by Schemathesis: no errors of ours, nothing undocumented."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from services.local.process import ROOT
from tests.hostile.gateway_process import GatewayProcess, Json

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "negative_data_rejection",
    "unsupported_method",
    "allow_header_conformance",
    "use_after_free",
    "ensure_resource_availability",
)
HOOKS = "tests.hostile.schemathesis_hooks"
REQUEST_TIMEOUT_S = 5  # a stream of events has no end; what came until then is looked at


def explore(gateway: GatewayProcess, folder: Path, *options: str) -> Json:
    """Have Schemathesis call every operation in as many ways as it knows; give its report."""
    report = folder / "report.json"
    words = ["run", f"{gateway.url}/openapi.json", f"--checks={','.join(CHECKS)}", "--continue-on-failure", *options]
    words += [f"--request-timeout={REQUEST_TIMEOUT_S}", "--report=json", f"--report-json-path={report}"]
    words += ["--no-color"]
    program = Path(sys.executable).with_name("schemathesis")
    env = {**os.environ, "NO_PROXY": "*", "PYTHONPATH": str(ROOT), "SCHEMATHESIS_HOOKS": HOOKS}
    ran = subprocess.run([program, *words], cwd=folder, env=env, capture_output=True, text=True)
    print(ran.stdout)
    assert report.exists(), ran.stderr
    told: Json = json.loads(report.read_text())
    assert told["complete"], ran.stdout[-3_000:]
    assert told["operations"]["tested"] == told["operations"]["total"], told["operations"]
    assert (told["failures"], told["errors"]) == ([], []), ran.stdout[-20_000:]
    return told


@pytest.mark.slow
def test_every_answer_is_as_described(gateway: GatewayProcess, tmp_path: Path) -> None:
    options = ("--phases=examples,coverage,fuzzing", "--max-examples=2", "--generation-deterministic")
    assert explore(gateway, tmp_path, *options)["test_cases"]["generated"] > 500


@pytest.mark.fuzz
@pytest.mark.timeout(3_600)
def test_every_answer_is_as_described_whatever_is_asked(gateway: GatewayProcess, tmp_path: Path) -> None:
    told = explore(gateway, tmp_path, "--generation-database=none", "--max-examples=100")
    assert told["test_cases"]["generated"] >= 2_000
