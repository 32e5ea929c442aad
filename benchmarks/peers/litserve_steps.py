"""P1s: LitServe's loop for continuous batching, made for tokens, taught to take denoising steps."""

from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from litserve import LitAPI, LitServer
from litserve.loops import ContinuousBatchingLoop, Output
from litserve.utils import LitAPIStatus

from benchmarks.jobs import Job
from benchmarks.peers.arguments import PeerArguments
from benchmarks.peers.shared_steps import Edit, SharedSteps


class SteppingApi(LitAPI):  # type: ignore[misc]
    """Edits join at the next step while there is room.

    The loop is told that there always is: it would keep a request that it had to put off waiting for the next one to
    come. Everything is computed in one thread; the loop's own may be another one for each step.
    """

    def __init__(self, arguments: PeerArguments) -> None:
        super().__init__(max_batch_size=arguments.batch, stream=True, loop=ContinuousBatchingLoop())
        self._arguments = arguments

    def setup(self, device: str) -> None:  # noqa: ARG002 - the pipeline loads where it should be
        """Load the pipeline in the worker process."""
        self._thread = ThreadPoolExecutor(1)
        self._steps = SharedSteps(self._thread.submit(self._arguments.pipeline).result().parts)
        self._waiting: dict[str, Job] = {}
        self._in_flight: dict[str, Edit] = {}

    def add_request(self, uid: str, request: dict[str, Any]) -> None:
        """Let an edit wait for the next step."""
        self._waiting[uid] = Job.from_json(request)

    def has_capacity(self) -> bool:
        """See above."""
        return True

    def has_active_requests(self) -> bool:
        """Whether there is a step to take."""
        return bool(self._waiting or self._in_flight)

    def decode_request(self, request: dict) -> Job:  # type: ignore[type-arg] # LitServe reads it
        """Nobody calls it here, but LitServe takes the kind of body from it."""
        return Job.from_json(request)

    def predict(self, x: Any) -> Any:
        """Nobody calls it here, but LitServe wants it to be there."""
        raise NotImplementedError

    def encode_response(self, output: str | dict[str, str]) -> str | dict[str, str]:
        """One part of an answer's body: blanks until the picture is there."""
        return output

    def step(self, _previous: list[Output] | None) -> list[Output]:
        """Take every edit in flight one step on."""
        return self._thread.submit(self._step).result()

    def _step(self) -> list[Output]:
        free = self._arguments.batch - len(self._in_flight)
        joining = list(self._waiting)[:free]
        if joining:
            edits = self._steps.join([self._waiting.pop(uid) for uid in joining])
            self._in_flight |= zip(joining, edits, strict=True)
        self._steps.step(list(self._in_flight.values()))
        done = [uid for uid, edit in self._in_flight.items() if edit.is_done]
        told = [Output(uid, " ", LitAPIStatus.OK) for uid in self._in_flight]
        return [*told, *(self._leave(done) if done else [])]

    def _leave(self, done: list[str]) -> list[Output]:
        outputs = []
        for uid, picture in zip(done, self._steps.leave([self._in_flight.pop(uid) for uid in done]), strict=True):
            outputs.append(Output(uid, {"picture": b64encode(picture.png).decode()}, LitAPIStatus.OK))
            outputs.append(Output(uid, "", LitAPIStatus.FINISH_STREAMING))
        return outputs


def main() -> None:
    """Serve until the process ends."""
    arguments = PeerArguments.read()
    server = LitServer(
        SteppingApi(arguments),
        accelerator="cpu",
        workers_per_device=arguments.workers,
        timeout=False,
        disable_openapi_url=True,
    )
    server.run(host="127.0.0.1", port=arguments.port, generate_client_file=False, log_level="warning")


if __name__ == "__main__":
    main()
