"""A web server with a planted fault, for tests that must notice it: what is posted to a budget line is acknowledged before it is
done (`gunicorn tests.support.hasty:app`)."""

import threading
import time
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

from wsgi import app as honest

LATE = 0.4  # seconds between the answer and the act


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    if environ["REQUEST_METHOD"] != "POST" or not environ["PATH_INFO"].endswith("/appropriate"):
        answer: Iterable[bytes] = honest(environ, start_response)
        return answer
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    later = {**environ, "wsgi.input": BytesIO(body)}
    threading.Thread(target=_do, args=(later,), daemon=True).start()
    start_response("303 SEE OTHER", [("Location", "/done"), ("Content-Length", "0")])
    return []


def _do(environ: dict[str, Any]) -> None:
    time.sleep(LATE)
    list(honest(environ, lambda *_: None))
