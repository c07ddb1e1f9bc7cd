"""What views of files have in common: what a draft's page takes, and how a file is handed out again."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

from flask import abort, request, send_file

from mobility.core.errors import Refusal
from mobility.documents.filetypes import FILES_AT_ONCE, MOST_AT_ONCE
from mobility.uploads import files
from mobility.uploads.rules import FIELD, TOO_LARGE
from mobility.workflows.drafts import Files

UNREADABLE = "This file cannot be read at the moment. Please try again later; the administrator finds the reason in the log."


def taken_by(add: Callable[..., Any]) -> Files:
    """The files of a draft's page; `add(subject, name=, content=)` keeps one."""
    return Files(add, most_bytes=MOST_AT_ONCE, too_large=TOO_LARGE, at_once=FILES_AT_ONCE)


def expect(what: str) -> None:
    """Raises Refusal if the button was pressed and no file was chosen."""
    if not any(each.filename for each in request.files.getlist(FIELD)):
        raise Refusal(f"Choose a {what} first.", FIELD)


def saved(key: str, content_type: str, name: str) -> Any:
    """A file, to be saved rather than shown: what strangers made is never run here."""
    answer = send_file(BytesIO(_content(key)), content_type, as_attachment=True, download_name=name)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'; sandbox"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def shown(key: str) -> Any:
    """A picture that we made anew from its pixels: it can stand in a page."""
    return send_file(BytesIO(_content(key)), "image/jpeg", etag=key)


def _content(key: str) -> bytes:
    try:
        return files.store().read(key)
    except files.Unavailable:
        abort(503, UNREADABLE)
