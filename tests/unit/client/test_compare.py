"""How `dialogpaint compare` says what changed."""

from dialogpaint.cli.compare import difference_text
from dialogpaint.difference import Difference
from gateway import examples


def test_the_numbers_are_told_in_one_line() -> None:
    assert difference_text(Difference.model_validate(examples.DIFFERENCE)) == (
        "21.0% of the pixels, by 11.4 levels on average and at most 203 of 255; PSNR 19.3 dB; "
        "within 61×70 pixels at (12, 40)"
    )


def test_pictures_that_are_the_same_are_said_to_be() -> None:
    same = {**examples.DIFFERENCE, "changed_share": 0.0, "psnr_db": None, "box": None}
    assert difference_text(Difference.model_validate(same)) == "nothing: the pictures are the same"
