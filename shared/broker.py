"""Celery, which wakes workers up: one queue, one task, no results (the edit's record is the result)."""

from celery import Celery
from kombu import Queue
from kombu.exceptions import OperationalError

from shared.errors import StorageUnavailable
from shared.settings import Settings

QUEUE_EDITS = "edits"
TASK_RUN_EDIT = "editing.run_edit"
VISIBILITY_S = 900  # at least; far above waiting plus running, because a shorter one delivers for ever


def make_celery(settings: Settings) -> Celery:
    """Make the app that gateways publish with and workers consume with; connects to nothing yet."""
    broker = settings.broker_url or settings.redis_url
    app = Celery("dialogpaint", broker=broker, set_as_current=False)
    app.conf.update(
        accept_content=["json"],
        task_serializer="json",
        task_default_queue=QUEUE_EDITS,
        task_queues=[Queue(QUEUE_EDITS)],
        task_create_missing_queues=False,
        # Without a result backend a failed result write can't leave a worker alive and deaf.
        result_backend=None,
        task_ignore_result=True,
        task_store_errors_even_if_ignored=False,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        # A publish that failed is repeated by the relay, from the outbox.
        task_publish_retry=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        broker_transport_options=_rabbitmq() if broker.startswith("amqp") else _redis(settings),
    )
    return app


def _redis(settings: Settings) -> dict[str, object]:
    return {
        "visibility_timeout": max(VISIBILITY_S, round(3 * settings.max_edit_s)),
        "socket_timeout": 5,
        "socket_connect_timeout": 3,
        "socket_keepalive": True,
        "health_check_interval": 5,
        "unacked_restore_interval": 1,
        "unacked_restore_throttle": 1,
    }


def _rabbitmq() -> dict[str, object]:
    """A message counts as published once RabbitMQ has confirmed it; a dead connection is noticed within seconds."""
    return {"confirm_publish": True, "read_timeout": 5, "write_timeout": 5}


def send_edit(app: Celery, edit_id: str) -> None:
    """Publish the message that wakes a worker for this edit; blocking. Raises StorageUnavailable."""
    try:
        app.send_task(TASK_RUN_EDIT, args=[edit_id], queue=QUEUE_EDITS, ignore_result=True)
    except (OperationalError, OSError) as error:
        raise StorageUnavailable("The queue does not take messages.", retry_after_s=1) from error
