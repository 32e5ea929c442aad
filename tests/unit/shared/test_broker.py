"""How Celery is set up."""

import pytest

from shared.broker import QUEUE_EDITS, make_celery
from shared.settings import Settings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("result_backend", None),
        ("task_ignore_result", True),
        ("task_acks_late", True),
        ("task_reject_on_worker_lost", True),
        ("worker_prefetch_multiplier", 1),
        ("accept_content", ["json"]),
        ("task_publish_retry", False),
        ("worker_enable_remote_control", False),
        ("task_default_queue", QUEUE_EDITS),
    ],
)
def test_delivery_is_at_least_once_and_results_are_nowhere(name: str, value: object) -> None:
    assert make_celery(Settings()).conf[name] == value


@pytest.mark.parametrize("longest", [10, 3600])
def test_a_message_stays_invisible_for_longer_than_any_edit(longest: int) -> None:
    options = make_celery(Settings(max_edit_s=longest)).conf.broker_transport_options
    assert options["visibility_timeout"] >= max(900, 2 * longest)
