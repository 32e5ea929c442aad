"""A sweep as the client has it: cells in rows, each with its picture, and all of them on one sheet."""

import io

import pytest
from PIL import Image

from dialogpaint.cli.sheet import contact_sheet
from dialogpaint.models import Edit
from dialogpaint.pictures import Picture
from gateway import examples
from tests.client_server import Server, WithoutWaiting, client_of, edit, ok

AXES: dict[str, list[float]] = {"text_guidance_scale": [3, 5], "image_guidance_scale": [1.2, 1.6, 2]}
COLOURS = ["red", "green", "blue", "cyan", "magenta", "yellow"]


def picture(colour: str) -> Picture:
    file = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(file, "PNG")
    return Picture(f"img_{colour}", "image/png", file.getvalue())


def swept() -> Edit:
    cells = [
        {"seed": 7, "text_guidance_scale": text, "image_guidance_scale": image}
        for text in AXES["text_guidance_scale"]
        for image in AXES["image_guidance_scale"]
    ]
    parameters = {**examples.PARAMETERS, "count": 6, "sweep": AXES}
    return Edit.model_validate(edit(cells=cells, parameters=parameters)).with_pictures([*map(picture, COLOURS)])


def test_cells_lie_in_rows_of_one_text_scale_each_with_its_picture() -> None:
    rows = swept().rows
    assert [[cell.text_guidance_scale for cell in row] for row in rows] == [[3, 3, 3], [5, 5, 5]]
    assert [cell.image_guidance_scale for cell in rows[1]] == [1.2, 1.6, 2]
    assert [cell.picture.image_id for row in rows for cell in row if cell.picture] == [f"img_{c}" for c in COLOURS]


def test_the_sheet_shows_every_picture_where_its_scales_say() -> None:
    sheet = Image.open(io.BytesIO(contact_sheet(swept()))).convert("RGB")
    left, top = sheet.width - 3 * 48, sheet.height - 2 * 38
    seen = [sheet.getpixel((left + 48 * across + 20, top + 38 * down + 15)) for down in (0, 1) for across in (0, 1, 2)]
    assert seen == [Image.new("RGB", (1, 1), colour).getpixel((0, 0)) for colour in COLOURS]
    edges = sheet.crop((0, top, left - 8, sheet.height)), sheet.crop((left, 0, sheet.width, top - 8))
    assert all(len(edge.getcolors() or []) > 1 for edge in edges)  # something is written there


def test_a_picture_that_is_no_revision_can_not_be_chosen() -> None:
    conversation = client_of(WithoutWaiting(Server(ok(examples.CONVERSATION)))).conversation("conv_7Hq1")
    with pytest.raises(ValueError, match="no revision"):
        conversation.move_head(swept().cells[0])
