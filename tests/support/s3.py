"""A store that speaks S3, for tests of keeping files: moto's server, on loopback, in this process."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.support.smtp import free_port

REGION = "us-east-1"
_buckets = count(1)


@contextmanager
def running_bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Any]]:
    """A new bucket: the FILES_URL of a folder in it, and what calls up its keys."""
    for name, value in {"ACCESS_KEY_ID": "key", "SECRET_ACCESS_KEY": "secret", "DEFAULT_REGION": REGION}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=free_port(), verbose=False)
    server.start()
    try:
        endpoint, bucket = f"http://127.0.0.1:{server._port}", f"bucket-{next(_buckets)}"  # what moto keeps outlives a server
        client: Any = boto3.client("s3", endpoint_url=endpoint)
        client.create_bucket(Bucket=bucket)
        url = f"s3://{bucket}/of/tests?endpoint_url={endpoint}"
        yield url, lambda: [each["Key"] for each in client.list_objects_v2(Bucket=bucket).get("Contents", [])]
    finally:
        server.stop()
