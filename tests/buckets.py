"""An S3 server on this machine."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from moto.server import ThreadedMotoServer

URL = "s3://pictures/images"
SIGNED = {"Authorization": "AWS4-HMAC-SHA256 Credential=anybody/20260101/us-east-1/s3/aws4_request"}


@contextmanager
def s3_server() -> Iterator[dict[str, str]]:
    """A server with an empty bucket, where `URL` leads with the environment variables that it gives."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        httpx.post(f"http://{host}:{port}/moto-api/reset", trust_env=False).raise_for_status()  # one memory for all
        httpx.put(f"http://{host}:{port}/pictures", headers=SIGNED, trust_env=False).raise_for_status()
        yield {
            "AWS_ENDPOINT_URL": f"http://{host}:{port}",
            "AWS_ACCESS_KEY_ID": "anybody",
            "AWS_SECRET_ACCESS_KEY": "nothing",
            "AWS_REGION": "us-east-1",
        }
    finally:
        server.stop()
