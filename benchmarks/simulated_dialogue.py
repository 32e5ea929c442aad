"""A stand-in for the dialogue service: what is said is the instruction. `python -m benchmarks.simulated_dialogue`."""

from __future__ import annotations

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NAME = "simulated-dialogue"
MODEL = {
    "name": NAME,
    "digest": "0" * 64,
    "parameter_count": 0,
    "device": "cpu",
    "dtype": "float32",
    "limits": {"max_input_tokens": 128, "max_reply_tokens": 32},
}


class Answers(BaseHTTPRequestHandler):
    """The three routes that the gateway calls, on connections that stay open."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Say that all is well, or what is served."""
        self._answer(MODEL if self.path == "/model" else {"ready": True})

    def do_POST(self) -> None:
        """Repeat what was said as an instruction."""
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["text"]
        self._answer({"kind": "edit", "text": f"I will {said}.", "instruction": said, "model": NAME})

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def _answer(self, content: dict[str, object]) -> None:
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main() -> None:
    """Serve until killed, at the port that the real service would have."""
    ThreadingHTTPServer(("127.0.0.1", int(os.environ["DIALOGUE_PORT"])), Answers).serve_forever()


if __name__ == "__main__":
    main()
