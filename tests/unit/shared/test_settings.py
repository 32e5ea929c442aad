"""Settings."""

import pytest
from pydantic import ValidationError

from shared.settings import Settings, read_settings


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_QUEUE", "7")
    monkeypatch.setenv("SOMETHING_ELSE", "1")
    assert read_settings().max_queue == 7


@pytest.mark.parametrize(("name", "value"), [("MAX_QUEUE", "-1"), ("DEVICE", "tpu"), ("LEASE_S", "soon")])
def test_a_setting_that_cannot_work_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError, match=name.lower()):
        read_settings()


@pytest.mark.parametrize("name", list(Settings.model_fields))
def test_every_setting_says_in_one_line_what_it_is(name: str) -> None:
    description = Settings.model_fields[name].description
    assert description
    assert "\n" not in description
