"""Sides that are processes of their own: this project's stack (S1) and the peers (P1, P1s, P2, P2t, P3)."""

from __future__ import annotations

import json
import signal
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from celery import Celery
from celery.exceptions import TimeoutError as CeleryTimeout

from benchmarks.http import JSON, LONGEST_S, Ask, Http
from benchmarks.jobs import Job, Picture
from benchmarks.load import put_on
from benchmarks.peers.celery_worker import TASK
from benchmarks.sides import Load, Loaded, SideFailed
from services.local.process import Process


class StackSide:
    """S1: the whole stack over HTTP: upload, edit, wait, fetch; a picture that the stack made is not sent again."""

    def __init__(self, url: str, name: str) -> None:
        self.name = name
        self._http = Http(url)

    def bear(self, load: Load) -> Loaded:
        """See `Side.bear`."""
        try:
            return put_on(self, load)
        finally:
            self._http.close()

    def edit(self, job: Job, patience_s: float | None = None) -> Picture | None:
        """See `Service.edit`."""
        body = json.dumps(_wish(job, job.picture.image_id or self.upload(job.picture))).encode()
        if patience_s is None:
            return self._wait(body)
        edit = self._post("/v1/edits", body, JSON)
        time.sleep(patience_s)
        self._post(f"/v1/edits/{edit['id']}/cancel", b"", {})
        return None

    def upload(self, picture: Picture) -> str:
        """Send a picture and give its id."""
        return str(self._post("/v1/images", picture.png, {"Content-Type": "image/png"})["id"])

    def close(self) -> None:
        """See `Side.close`."""
        self._http.close()

    def _wait(self, body: bytes) -> Picture:
        edit = self._post("/v1/edits", body, {**JSON, "Prefer": "wait=60"})
        if edit["status"] != "succeeded":
            raise SideFailed(f"the edit is {edit['status']}: {edit.get('error')}")
        image_id = edit["image_ids"][0]
        return Picture(self._http.ask(Ask("GET", f"/v1/images/{image_id}")), image_id)

    def _post(self, path: str, body: bytes, headers: dict[str, str]) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self._http.ask(Ask("POST", path, body, headers)))
        return answer


class JsonPeer:
    """P1, P1s, P3: a server that takes a job and answers with its picture in one request."""

    def __init__(self, url: str, name: str, process: Process) -> None:
        self.name = name
        self._http, self._process = Http(url), process

    def bear(self, load: Load) -> Loaded:
        """See `Side.bear`."""
        with going_on(self._process):
            try:
                return put_on(self, load)
            finally:
                self._http.close()

    def edit(self, job: Job, patience_s: float | None = None) -> Picture | None:
        """See `Service.edit`; all that a client can do to cancel is to go."""
        try:
            body = self._http.ask(Ask("POST", "/predict", job.to_json().encode(), JSON, patience_s))
        except TimeoutError as error:
            if patience_s is None:
                raise SideFailed("no answer") from error
            return None
        return Picture(b64decode(json.loads(body)["picture"]))

    def close(self) -> None:
        """See `Side.close`."""
        self._http.close()


class CeleryPeer:
    """P2, P2t: tasks by way of Redis; who gives up has the task revoked, which helps for as long as it waits."""

    def __init__(self, app: Celery, name: str, process: Process) -> None:
        self.name = name
        self._app, self._process = app, process

    def bear(self, load: Load) -> Loaded:
        """See `Side.bear`."""
        with going_on(self._process):
            return put_on(self, load)

    def edit(self, job: Job, patience_s: float | None = None) -> Picture | None:
        """See `Service.edit`."""
        task = self._app.send_task(TASK, [json.loads(job.to_json())])
        try:
            return Picture(b64decode(task.get(timeout=patience_s or LONGEST_S)))
        except CeleryTimeout as error:
            if patience_s is None:
                raise SideFailed("no result") from error
            task.revoke()
            task.forget()
            return None

    def close(self) -> None:
        """See `Side.close`."""
        self._app.close()


@contextmanager
def going_on(process: Process) -> Iterator[None]:
    """Let a process run for a while that otherwise stands still, so that its polling costs the others nothing."""
    process.signal(signal.SIGCONT)
    try:
        yield
    finally:
        process.signal(signal.SIGSTOP)


def _wish(job: Job, image_id: str) -> dict[str, object]:
    parameters = {
        "steps": job.parameters.steps,
        "text_guidance_scale": job.parameters.text_scale,
        "image_guidance_scale": job.parameters.image_scale,
        "seed": job.seed,
    }
    return {"image_id": image_id, "instruction": job.instruction, "parameters": parameters}
