"""The dialogue service's stand-in, which misbehaves as a file says: `python -m tests.faults.dialogue`."""

from __future__ import annotations

import json
import os
import time
from http.server import ThreadingHTTPServer
from pathlib import Path

from benchmarks.simulated_dialogue import NAME, Answers

MODE_FILE = "DIALOGUE_MODE_FILE"
SLOW_S = 6.0


class FaultyAnswers(Answers):
    """Repeats what was said: as an instruction, as a question for "which", as small talk for "thanks"."""

    def do_POST(self) -> None:
        """Reply, or fail in the way that is wanted now."""
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["text"]
        match _mode():
            case "500":
                self.send_error(500)
            case "garbage":
                self._send(b"<html>", 6)
            case "truncated":
                self._send(b'{"kind": "ed', 200)
            case mode:
                time.sleep(SLOW_S if mode == "slow" else 0)
                self._reply(said)

    def _reply(self, said: str) -> None:
        kind = "clarification" if "which" in said else "chat" if "thanks" in said else "edit"
        instruction = said if kind == "edit" else None
        self._answer({"kind": kind, "text": f"You said: {said}", "instruction": instruction, "model": NAME})

    def _send(self, body: bytes, announced: int) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(announced))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True


def _mode() -> str:
    try:
        return Path(os.environ[MODE_FILE]).read_text()
    except FileNotFoundError:
        return ""


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(os.environ["DIALOGUE_PORT"])), FaultyAnswers).serve_forever()
