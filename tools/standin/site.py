"""The pages beside the API: what a web server answers for paths that are not the API's, and the log for tests.

Contract: `page(request, ...)` gives the page, or None if the request is for the API.

Rules
- A stock Apache in front of Kaltura answers any index.php request for stats.collect with a static page of 7 bytes,
  HTML, status 200; the request's body is lost. PHP alone, as recorded, answers it. So this is an option.
- `/_/log` gives the logged events as JSON lines, `/_/log.csv` the server's own log. The control port has more.
"""

import json

from tools.standin.api import ROOT
from tools.standin.event import csv_line
from tools.standin.journal import Journal
from tools.standin.wire import Answer, Request

_HTML = "text/html; charset=UTF-8"
_STATIC = Answer(200, _HTML, b"Kaltura")
_FRONT = Answer(200, _HTML, b"<html><body>Stand-in for Kaltura: see tools/README.md</body></html>\n")
_PREFLIGHT = Answer(
    200,
    "text/plain",
    b"",
    (
        ("Access-Control-Allow-Origin", "*"),
        ("Access-Control-Allow-Headers", "Content-Type"),
        ("Access-Control-Allow-Methods", "POST, GET, HEAD, OPTIONS"),
    ),
)


def page(request: Request, journal: Journal, *, behind_apache: bool) -> Answer | None:
    """The page that answers a request without the API, or None."""
    path, _, query = request.target.partition("?")
    if path.startswith("/_/"):
        return log(path, journal) or failed(404)
    if path != ROOT and not path.startswith(ROOT + "/"):
        return _FRONT if path == "/" else failed(404)
    if request.method == "OPTIONS":
        return _PREFLIGHT
    if behind_apache and path.endswith("/index.php") and "service=stats&action=collect" in query:
        return _STATIC
    return None


def log(path: str, journal: Journal) -> Answer | None:
    """The log in one of its two forms, or None if the path is neither."""
    if path == "/_/log":
        lines = "".join(json.dumps(event) + "\n" for event in journal.events())
        return Answer(200, "application/jsonl", lines.encode())
    if path == "/_/log.csv":
        text = "".join(csv_line(event) + "\n" for event in journal.events())
        return Answer(200, "text/csv; charset=utf-8", text.encode())
    return None


def failed(status: int) -> Answer:
    """A web server's own error page."""
    return Answer(status, _HTML, f"<html><body><h1>{status}</h1></body></html>\n".encode())
