"""A setting that can't work ends the process at its start, with one clear line."""

import pytest

from gateway.__main__ import main


@pytest.mark.parametrize(
    ("setting", "value", "told"),
    [
        ("GATEWAY_PORT", "abc", "GATEWAY_PORT"),
        ("RATE_LIMIT_PER_MINUTE", "-1", "RATE_LIMIT_PER_MINUTE"),
        ("LOG_LEVEL", "loud", "LOG_LEVEL"),
        ("API_KEYS", "foo", "API_KEYS"),
        ("GATEWAY_HOST", "0.0.0.0", "GATEWAY_HOST"),
        ("IMAGE_STORE_URL", "ftp://bucket", "IMAGE_STORE_URL"),
        ("IMAGE_STORE_URL", "az://bucket", "IMAGE_STORE_URL"),
        ("REDIS_URL", "http://somewhere", "REDIS_URL"),
        ("DIALOGUE_URL", "nonsense", "DIALOGUE_URL"),
        ("WEBHOOK_SECRETS", "whsec_short", "WEBHOOK_SECRETS"),
        ("WEBHOOK_ALLOW", "http://somewhere", "WEBHOOK_ALLOW"),
    ],
)
def test_a_wrong_setting_is_named(
    setting: str, value: str, told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(setting, value)
    assert main() == 2
    printed = capsys.readouterr().err
    assert told in printed
    assert printed.count("\n") == 1
