"""The example settings are the real ones."""

from services.local.env_example import text
from services.local.process import ROOT
from shared.settings import Settings


def test_env_example_is_what_make_env_example_writes() -> None:
    assert (ROOT / ".env.example").read_text() == text()


def test_every_setting_is_explained_in_one_line() -> None:
    descriptions = {name: field.description or "" for name, field in Settings.model_fields.items()}
    assert [name for name, description in descriptions.items() if not description or "\n" in description] == []
