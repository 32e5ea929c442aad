"""Hostile pictures over HTTP: refused in words that help, or stored as nothing but pixels; and memory stays bounded."""

import io
import sys
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from PIL import Image

from tests.hostile.forms import FORMS, form_of
from tests.hostile.gateway_process import GatewayProcess, problem_of
from tests.hostile.pictures import CANARY, Case, drawing, encoded, heavy_cases, is_red_at_the_top_left, light_cases

MOST_MEMORY_MB = 400
LIGHT = light_cases()
CASES = [*LIGHT, *heavy_cases()]
REFUSED = [case for case in LIGHT if case.stored is None and case.media_type == "image/png"]


def upload(api: httpx.Client, data: bytes, media_type: str = "image/png") -> httpx.Response:
    """Post a picture as the body."""
    return api.post("/v1/images", content=data, headers={"Content-Type": media_type} if media_type else {})


def test_there_are_enough_of_them() -> None:
    names = [case.name for case in CASES]
    assert len(names) == len(set(names)) >= 60


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_upload_is_refused_with_a_reason_or_stored_as_pixels_alone(api: httpx.Client, case: Case) -> None:
    answer = upload(api, case.make(), case.media_type)
    if case.stored is None:
        problem_of(answer, case.name)
        assert answer.status_code in case.refused, answer.text
    else:
        assert answer.status_code == 201, answer.text
        assert_only_pixels(api.get(answer.json()["urls"]["self"]).content, case)


def assert_only_pixels(stored: bytes, case: Case) -> None:
    """Check that a stored file is a plain PNG of the right size."""
    assert CANARY not in stored
    assert chunks_of(stored) <= {b"IHDR", b"IDAT", b"IEND"}
    with Image.open(io.BytesIO(stored), formats=("PNG",)) as picture:
        picture.load()
        is_seen_through = picture.mode == "RGBA" and picture.getchannel("A").getextrema() != (255, 255)
        assert picture.mode == ("RGBA" if is_seen_through else "RGB")
        assert picture.size == case.stored
        assert not picture.getexif()
        assert picture.info == {}
        assert not case.red_corner or is_red_at_the_top_left(picture)


def chunks_of(png: bytes) -> set[bytes]:
    """The kinds of chunks in a PNG file that ends where its last chunk does."""
    kinds, at = [], 8
    while at < len(png):
        kinds.append(png[at + 4 : at + 8])
        at += 12 + int.from_bytes(png[at : at + 4])
    assert (at, kinds[-1]) == (len(png), b"IEND")
    return set(kinds)


def test_openais_call_refuses_what_an_upload_refuses(api: httpx.Client) -> None:
    for case in REFUSED[::3]:
        answer = edit(api, image=case.make())
        assert problem_of(answer, case.name)["error"]["param"] == "image", case.name


def test_a_mask_is_a_picture_too(api: httpx.Client) -> None:
    for case in REFUSED[1::3]:
        answer = edit(api, image=encoded(drawing()), mask=case.make())
        assert problem_of(answer, case.name)["error"]["param"] == "mask", case.name


def test_openais_call_edits_what_an_upload_takes(api: httpx.Client) -> None:
    for case in CASES:
        if case.name.endswith(("behind it", "exif 6", "mode P", "colour profile")):
            answer = edit(api, image=case.make())
            assert answer.status_code == 200, (case.name, answer.text)
            assert answer.json()["size"] == "48x32", case.name


def edit(api: httpx.Client, **files: bytes) -> httpx.Response:
    """Make OpenAI's call."""
    named = {field: ("a.png", data, "image/png") for field, data in files.items()}
    return api.post("/openai/v1/images/edits", data={"prompt": "make it night"}, files=named)


@pytest.mark.parametrize("name", FORMS)
def test_a_form_that_is_odd_is_read_or_refused(api: httpx.Client, name: str) -> None:
    form = FORMS[name]
    headers = {"Content-Type": form.content_type}
    for path, field in (("/v1/images", b"file"), ("/openai/v1/images/edits", b"image")):
        answer = api.post(path, content=form.body.replace(b"FIELD", field), headers=headers)
        assert "x-evil" not in answer.headers
        if answer.status_code not in (200, 201):
            problem_of(answer, (name, path))


def test_a_picture_in_a_form_is_cleaned_as_one_in_a_body_is(api: httpx.Client) -> None:
    form = form_of(encoded(drawing()) + CANARY)
    answer = api.post("/v1/images", content=form.body, headers={"Content-Type": form.content_type})
    assert answer.status_code == 201, answer.text
    assert CANARY not in api.get(answer.json()["urls"]["self"]).content


def test_large_pictures_that_come_together_do_not_add_up(api: httpx.Client) -> None:
    noise = Image.effect_noise((1024, 1024), 40).convert("RGB").resize((4096, 4096))
    jpeg = encoded(noise, "JPEG", progressive=True, subsampling=0)
    webp = encoded(Image.new("RGBA", (4096, 4096), (9, 9, 9, 9)), "WEBP", lossless=True)
    together = [(jpeg, "image/jpeg"), (webp, "image/webp")]
    with ThreadPoolExecutor(len(together)) as pool:
        answers = list(pool.map(lambda each: upload(api, *each), together))
    assert [answer.status_code for answer in answers] == [201] * len(together)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_after_all_of_them_the_gateway_never_needed_much_memory(gateway: GatewayProcess) -> None:
    """The last of this file: what the tests before it have sent counts."""
    print(f"VmHWM {gateway.peak_memory_mb():.0f} MB")
    assert gateway.peak_memory_mb() <= MOST_MEMORY_MB
