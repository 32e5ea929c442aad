"""Options every test run understands."""

import os

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the end-to-end tests run against a stack that is already up, wherever it is."""
    parser.addoption(
        "--base-url",
        default=os.environ.get("BASE_URL") or None,
        help="where the gateway of a running stack answers; without it the end-to-end tests start their own",
    )
