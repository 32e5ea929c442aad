"""The packaged pictures."""

import hashlib
import json
from pathlib import Path

from PIL import Image

from gateway.samples import read_samples


def test_the_packaged_samples_can_be_read_and_have_captions() -> None:
    samples = read_samples().all()
    assert samples
    assert all(sample.caption and sample.url == f"/v1/images/{sample.image_id}" for sample in samples)


def test_a_sample_is_found_by_its_image_id(tmp_path: Path) -> None:
    for name, colour in (("one", "red"), ("two", "blue")):
        Image.new("RGB", (12, 8), colour).save(tmp_path / f"{name}.png")
    listing = [{"name": name, "file": f"{name}.png", "caption": f"picture {name}"} for name in ("one", "two")]
    (tmp_path / "samples.json").write_text(json.dumps(listing))
    samples = read_samples(tmp_path)
    found = samples.find("img_sample-two")
    assert found is not None
    assert (found.sample.caption, found.sample.width, found.sample.height) == ("picture two", 12, 8)
    assert found.sha256 == hashlib.sha256((tmp_path / "two.png").read_bytes()).hexdigest()
    assert samples.find("img_else") is None


def test_a_folder_without_a_listing_holds_none(tmp_path: Path) -> None:
    assert read_samples(tmp_path).all() == []
