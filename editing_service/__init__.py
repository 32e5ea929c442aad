"""The editing worker: Celery tasks in front, one step engine on the device behind."""
