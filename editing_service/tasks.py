"""The Celery task: it carries an edit id and nothing else."""

from __future__ import annotations

from celery import Celery

from editing_service.device import compute_alone
from editing_service.edit import EditRunner
from shared.broker import TASK_RUN_EDIT


def register_tasks(app: Celery, runner: EditRunner) -> None:
    """Have the app's worker carry out edits with this runner."""

    def run_edit(edit_id: str) -> None:
        compute_alone()
        runner.run(edit_id)

    app.task(name=TASK_RUN_EDIT)(run_edit)
