"""A picture's file tells of its making, to this project and to everybody's tools."""

import io
from xml.etree import ElementTree

import pytest
from PIL import Image

from shared.provenance import MAX_CHARACTERS, SOURCE_TYPE, history_in, png_chunks, xmp_packet
from shared.schemas.provenance import MOST_KEPT, History
from tests.made import MADE, STEP


def png(history: History) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, "PNG", pnginfo=png_chunks(history))
    return buffer.getvalue()


def test_what_is_written_is_read_again() -> None:
    assert history_in(png(MADE)) == MADE


def test_the_beginning_of_a_file_is_enough() -> None:
    data = png(MADE)
    assert history_in(data[: data.index(b"IDAT") + 4]) == MADE


@pytest.mark.parametrize("data", [b"", b"hello", png(History()), png(MADE)[:200]])
def test_what_tells_nothing_has_no_history(data: bytes) -> None:
    assert history_in(data) == History()


def test_of_many_edits_the_latest_are_told_and_the_others_counted() -> None:
    history = History()
    for number in range(MOST_KEPT + 5):
        history = history.then(STEP.model_copy(update={"instruction": f"step {number}"}))
    told = history_in(png(history))
    assert told.steps[0].instruction == f"step {MOST_KEPT + 4}"
    assert (len(told.steps), told.earlier) == (MOST_KEPT, 5)


def test_what_would_be_too_long_loses_its_oldest_edits() -> None:
    history = History()
    for number in range(60):
        history = history.then(STEP.model_copy(update={"instruction": f"{number:02} " + "é" * 1900}))
    told = history_in(png(history))
    assert told.steps[0].instruction.startswith("59 ")
    assert 20 < len(told.steps) < MAX_CHARACTERS / 1900
    assert len(told.steps) + told.earlier == 60


@pytest.mark.parametrize("words", ["paint it", 'a "b" <c> & d', "first\nsecond", "odd \ufffe \x1f end", "🎨 " * 900])
def test_the_packet_is_xml_that_says_that_an_ai_edited_the_picture(words: str) -> None:
    packet = xmp_packet(History().then(STEP.model_copy(update={"instruction": words})))
    (description,) = ElementTree.fromstring(packet).iter("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}Description")
    iptc = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"
    assert description.get(f"{iptc}DigitalSourceType") == SOURCE_TYPE
    assert description.get(f"{iptc}AISystemUsed") == STEP.model
    assert str(description.get(f"{iptc}AIPromptInformation")).startswith(f"remove the tree; {words[:3]}")
