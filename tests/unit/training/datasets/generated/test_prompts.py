import json
from pathlib import Path

import pytest

from training.datasets.changes import Add, Change, Recolour, Remove, Replace, Resize, SetPlace, SetStyle, SetTime
from training.datasets.generated.prompts import from_captions, from_file, told
from training.datasets.language.captions import Captions, split_of_image

CAPTION = "a man with an orange umbrella and a red house on a hill"


@pytest.mark.parametrize(
    ("change", "caption"),
    [
        (Recolour("umbrella", "blue"), "a man with a blue umbrella and a red house on a hill"),
        (Recolour("man", "orange"), "an orange man with an orange umbrella and a red house on a hill"),
        (Replace("house", "tree"), "a man with an orange umbrella and a red tree on a hill"),
        (Replace("house", "boat", "orange"), "a man with an orange umbrella and an orange boat on a hill"),
        (Add("cat", "white", "left"), f"{CAPTION}, with a white cat on the left"),
        (SetTime("night"), f"{CAPTION}, at night"),
        (SetPlace("forest"), f"{CAPTION}, in a forest"),
        (SetStyle("pencil sketch"), f"a pencil sketch of {CAPTION}"),
        (SetStyle("negative"), None),
        (Remove("house"), None),
        (Resize("house", "bigger"), None),
        (Recolour("dog", "blue"), None),
    ],
)
def test_a_caption_tells_the_change_or_is_left_alone(change: Change, caption: str | None) -> None:
    assert told(CAPTION, change) == caption


def test_edits_of_captions_keep_their_splits_and_repeat_for_a_seed() -> None:
    captions = Captions([(number, f"a brown dog and a red kite number {number} on the grass") for number in range(40)])
    pairs = list(from_captions(captions, 60, seed=3))
    assert pairs == list(from_captions(captions, 60, seed=3))
    assert pairs != list(from_captions(captions, 60, seed=4))
    for pair in pairs:
        number = int(pair.caption.split("number ")[1].split()[0])
        assert pair.split == split_of_image(number)
        assert pair.caption != pair.edited_caption
    assert {"recolour", "replace", "style"} <= {pair.family for pair in pairs}


def test_published_prompts_are_read_and_a_wrong_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "prompts.jsonl"
    ours = {"caption": "a dog", "instruction": "make it a cat", "edited_caption": "a cat"}
    theirs = {"input": "a hill", "edit": "add snow", "output": "a snowy hill", "url": "unused"}
    path.write_text(f"{json.dumps(ours)}\n\n{json.dumps(theirs)}\n")
    found = [(pair.caption, pair.instruction, pair.edited_caption) for pair in from_file(path)]
    assert found == [("a dog", "make it a cat", "a cat"), ("a hill", "add snow", "a snowy hill")]
    path.write_text(f"{json.dumps(ours)}\n{json.dumps({**ours, 'instruction': ' '})}\n")
    with pytest.raises(ValueError, match="line 2"):
        from_file(path)
