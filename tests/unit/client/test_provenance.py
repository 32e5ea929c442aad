"""What the client reads out of a picture's own file."""

import io
import json
from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin

from dialogpaint import Picture, read_provenance
from dialogpaint.cli.exits import Exit
from dialogpaint.cli.main import main
from shared.provenance import png_chunks
from tests.made import MADE, STEP


def png(chunks: PngImagePlugin.PngInfo | None) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, "PNG", pnginfo=chunks)
    return buffer.getvalue()


def packed(text: str, *, zipped: bool) -> bytes:
    chunks = PngImagePlugin.PngInfo()
    chunks.add_itxt("dialogpaint", text, zip=zipped)
    return png(chunks)


def test_a_picture_tells_the_edits_that_made_it_as_a_claim() -> None:
    provenance = Picture("img_1", "image/png", png(png_chunks(MADE))).provenance()
    (step,) = provenance.steps
    assert (provenance.image_id, provenance.origin, step.claimed) == ("img_1", "uploaded", True)
    assert (step.instruction, step.prior_instructions) == (STEP.instruction, STEP.prior_instructions)
    assert (step.parameters.seed, step.model_digest) == (2**63 - 1, "0" * 64)


def test_a_packed_chunk_is_read_too() -> None:
    assert len(read_provenance(packed(MADE.model_dump_json(), zipped=True)).steps) == 1


def test_that_older_edits_are_left_out_is_told() -> None:
    text = MADE.model_copy(update={"earlier": 3}).model_dump_json()
    assert read_provenance(packed(text, zipped=False)).origin == "unknown"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xd8\xff no PNG",
        png(None),
        packed("no JSON", zipped=False),
        packed('{"steps": [{"claimed": false}]}', zipped=False),
        packed("[" * 5_000_000, zipped=True),
        png(png_chunks(MADE))[:120],
        png(png_chunks(MADE)).replace(b"dialogpaint\0\0", b"dialogpaint\0\1"),
    ],
)
def test_a_file_that_tells_nothing_has_no_steps(data: bytes) -> None:
    assert read_provenance(data).steps == []


def test_the_command_reads_a_file_without_a_server(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "night.png"
    file.write_bytes(png(png_chunks(MADE)))
    nowhere = ["--server", "http://127.0.0.1:9"]
    assert main([*nowhere, "provenance", str(file)]) == Exit.DONE
    assert "remove the tree; paint the house orange" in capsys.readouterr().out
    assert main([*nowhere, "--json", "provenance", str(file)]) == Exit.DONE
    assert json.loads(capsys.readouterr().out)["steps"][0]["claimed"] is True
    assert main([*nowhere, "provenance", str(tmp_path / "gone.png")]) == Exit.USAGE
