"""What `dialogpaint study` and `dialogpaint ratings` send and print."""

import json
from pathlib import Path

import httpx
import pytest

from dialogpaint.cli import main as command_line
from dialogpaint.cli.exits import Exit
from dialogpaint.cli.main import main
from dialogpaint.cli.studying import ratings_text, results_text
from dialogpaint.models.study import Estimate, RatingsSummary, StudyResults
from gateway import described, examples, study_examples
from tests.client_server import Json, WithoutWaiting, client_of, ok

PAIR: Json = {
    "instruction": "make it night",
    "source": "sample:house-and-tree",
    "a": {"picture": "a.png", "label": "s_T = 7.5"},
    "b": {"picture": "a.png", "label": "s_T = 3"},
}


class Gateway:
    """Answers with the document's examples, and remembers bodies."""

    def __init__(self) -> None:
        self.bodies: list[tuple[str, bytes]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.bodies.append((f"{request.method} {request.url.path}", request.read()))
        path = request.url.path
        if path.endswith(".csv"):
            told = study_examples.RATINGS_CSV if "ratings" in path else study_examples.VOTES_CSV
            return httpx.Response(200, text=told + ("comment" if request.url.query else ""))
        answers: dict[str, Json] = {
            "/v1/samples": described.page(examples.SAMPLE),
            "/v1/images": examples.IMAGE,
            "/v1/ratings": study_examples.RATINGS,
        }
        if path in answers:
            return ok(answers[path])
        if request.method == "DELETE":
            return httpx.Response(204)
        if path.endswith("/results"):
            return ok(study_examples.RESULTS)
        return ok(described.page(study_examples.STUDY_HEAD) if request.method == "GET" else study_examples.STUDY)


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Gateway:
    """The server that the command talks to."""
    server = Gateway()
    monkeypatch.setattr(command_line, "DialogPaint", lambda *_at, **_how: client_of(WithoutWaiting(server)))
    return server


def study_file(folder: Path, told: object) -> str:
    (folder / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    file = folder / "study.json"
    file.write_text(json.dumps(told))
    return str(file)


def test_a_study_is_made_of_files_and_samples(
    gateway: Gateway, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = study_file(tmp_path, {"title": "Scales", "pairs": [PAIR, PAIR]})
    assert main(["study", "create", file]) == Exit.DONE
    assert "people vote at http://server.test/#study_8kW2" in capsys.readouterr().out
    sent = [path for path, _body in gateway.bodies]
    assert sent.count("POST /v1/images") == 1, "a picture that is in several pairs is sent once"
    [body] = [json.loads(body) for path, body in gateway.bodies if path == "POST /v1/studies"]
    assert body["pairs"][0] == {
        "instruction": "make it night",
        "source_image_id": "img_sample-house-and-tree",
        "a": {"image_id": examples.IMAGE["id"], "label": "s_T = 7.5"},
        "b": {"image_id": examples.IMAGE["id"], "label": "s_T = 3"},
    }


@pytest.mark.parametrize(
    "told", [[], {"title": "x"}, {"title": "x", "pairs": [{"a": 1}]}, {"title": "x", "pairs": [], "open": 1}]
)
@pytest.mark.usefixtures("gateway")
def test_a_file_that_is_no_study_is_a_wrong_argument(told: object, tmp_path: Path) -> None:
    assert main(["study", "create", study_file(tmp_path, told)]) == Exit.USAGE


@pytest.mark.usefixtures("gateway")
def test_results_and_votes_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["study", "results", "study_8kW2"]) == Exit.DONE
    assert results_text(StudyResults.model_validate(study_examples.RESULTS)) in capsys.readouterr().out
    assert main(["--json", "study", "results", "study_8kW2"]) == Exit.DONE
    assert json.loads(capsys.readouterr().out)["votes"] == 12
    assert main(["study", "results", "study_8kW2", "--csv"]) == Exit.DONE
    assert capsys.readouterr().out == study_examples.VOTES_CSV


@pytest.mark.usefixtures("gateway")
def test_studies_are_listed_and_deleted(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["study", "list"]) == Exit.DONE
    assert "12 votes on   1 pairs  two text guidance scales" in capsys.readouterr().out
    assert main(["study", "delete", "study_8kW2"]) == Exit.DONE


@pytest.mark.usefixtures("gateway")
def test_ratings_are_printed_and_comments_only_if_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ratings"]) == Exit.DONE
    assert ratings_text(RatingsSummary.model_validate(study_examples.RATINGS)) in capsys.readouterr().out
    assert main(["ratings", "--csv"]) == Exit.DONE
    assert capsys.readouterr().out == study_examples.RATINGS_CSV
    assert main(["ratings", "--csv", "--comments"]) == Exit.DONE
    assert "comment" in capsys.readouterr().out


def test_an_estimate_reads_as_people_write_it() -> None:
    def estimate(value: float | None, low: float | None = None, high: float | None = None) -> str:
        return str(Estimate(value=value, low=low, high=high, count=1, method="t"))

    assert [estimate(0.7, 0.397, 0.892), estimate(4), estimate(None)] == ["0.70 [0.40, 0.89]", "4.00", "–"]
