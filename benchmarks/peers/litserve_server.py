"""P1: LitServe collects up to eight requests and gives them to the pipeline together."""

from base64 import b64encode

from litserve import LitAPI, LitServer

from benchmarks.jobs import Job, Picture
from benchmarks.peers.arguments import PeerArguments

BATCH_TIMEOUT_S = 0.01  # how long a batch waits for company; zero makes LitServe spin on a core


class PipelineApi(LitAPI):  # type: ignore[misc]
    """The verbs of LitServe around diffusers' pipeline."""

    def __init__(self, arguments: PeerArguments) -> None:
        super().__init__(max_batch_size=arguments.batch, batch_timeout=BATCH_TIMEOUT_S)
        self._arguments = arguments

    def setup(self, device: str) -> None:  # noqa: ARG002 - the pipeline loads where it should be
        """Load the pipeline in the worker process."""
        self._pipeline = self._arguments.pipeline()

    def decode_request(self, request: dict) -> Job:  # type: ignore[type-arg] # LitServe reads it
        """One request's body."""
        return Job.from_json(request)

    def batch(self, inputs: list[Job]) -> list[Job]:
        """Jobs stay a list: the pipeline puts together what can go together."""
        return inputs

    def predict(self, jobs: list[Job]) -> list[Picture]:
        """Edit the pictures of one batch."""
        return self._pipeline.edit(jobs)

    def unbatch(self, output: list[Picture]) -> list[Picture]:
        """One picture for each request."""
        return output

    def encode_response(self, output: Picture) -> dict[str, str]:
        """One answer's body."""
        return {"picture": b64encode(output.png).decode()}


def main() -> None:
    """Serve until the process ends."""
    arguments = PeerArguments.read()
    server = LitServer(
        PipelineApi(arguments),
        accelerator="cpu",
        workers_per_device=arguments.workers,
        timeout=120,
        disable_openapi_url=True,
    )
    server.run(host="127.0.0.1", port=arguments.port, generate_client_file=False, log_level="warning")


if __name__ == "__main__":
    main()
