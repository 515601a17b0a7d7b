"""Ralph, a real Learning Record Store, in an environment and a process of its own.

Contract: `environment` gives the folder of the environment, made once for each content of requirements-lrs.lock and
kept in the user's cache; the test is skipped, with the reason, where it cannot be made. `Ralph` serves on loopback
until its block ends, with its statements in a file; `statements` reads them, `told` gives those that the API gives
back, `validated` has them judged by `ralph validate`, `based` by its model of any statement.
Rules: nothing is looked for that the lock does not name, and what is never imported is not compiled: half a minute.
Ralph's store of files creates its file anew with each write and fails on the second, so its default is changed
to appending before its application is imported (kaltura.md section 6).
"""

import fcntl
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Final
from urllib.request import Request, urlopen

import pytest

LOCK: Final = Path(__file__).parents[2] / "requirements-lrs.lock"
USER, PASSWORD = "kiosk", "right"
VALID, WRONG, UNKNOWN = "valid", "wrong", "unknown"
_SAID, _NO_MODEL = "nput event", "No matching pydantic model"
PATIENCE_S: Final = 120.0
INSTALL_S: Final = 300.0

_SERVER: Final = """
import sys
from ralph.backends.data.base import BaseOperationType
from ralph.backends.lrs.fs import FSLRSBackend
FSLRSBackend.default_operation_type = BaseOperationType.APPEND
import uvicorn
from ralph.api import app
uvicorn.run(app, fd=int(sys.argv[1]), log_level="info", ws="none")
"""

_BASED: Final = """
import json, sys
from ralph.models.xapi.base.statements import BaseXapiStatement
for line in sys.stdin:
    try:
        BaseXapiStatement(**json.loads(line))
    except ValueError as error:
        print(json.dumps(str(error)))
    else:
        print("null")
"""

_INSTALL: Final = ("--quiet", "--disable-pip-version-check", "--no-compile", "--no-deps", "--require-hashes")

_HASH: Final = "import bcrypt, sys; print(bcrypt.hashpw(sys.argv[1].encode(), bcrypt.gensalt(4)).decode())"


def environment() -> Path:
    """The environment's folder. Skips the test where it cannot be made."""
    digest = hashlib.sha256(LOCK.read_bytes() + sys.version.encode()).hexdigest()[:16]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kiosk-agent"
    folder, done = cache / f"lrs-{digest}", cache / f"lrs-{digest}" / "installed"
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with (cache / f"lrs-{digest}.lock").open("w") as alone:
            fcntl.flock(alone, fcntl.LOCK_EX)
            if not done.exists():
                shutil.rmtree(folder, ignore_errors=True)
                _run(sys.executable, "-m", "venv", str(folder))
                _run(str(folder / "bin" / "pip"), "install", *_INSTALL, "-r", str(LOCK))
                done.touch()
    except (OSError, subprocess.SubprocessError) as error:
        reason = str(getattr(error, "stderr", None) or error).strip().splitlines()[-1]
        pytest.skip(f"no Learning Record Store can be installed here: {reason}")
    return folder


def _run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=INSTALL_S).stdout


class Ralph:
    """One store. `folder`: where it keeps its statements and who may log in."""

    def __init__(self, folder: Path) -> None:
        self._python = environment() / "bin" / "python"
        self._folder = folder
        self._file = folder / "statements.jsonl"
        self._log = folder / "ralph.log"

    def __enter__(self) -> "Ralph":
        self._folder.mkdir(parents=True, exist_ok=True)
        self._file.touch()
        hashed = _run(str(self._python), "-c", _HASH, PASSWORD).strip()
        agent = {"account": {"name": USER, "homePage": "http://lrs.example.com"}}
        user = {"agent": agent, "scopes": ["all"], "hash": hashed, "username": USER}
        (self._folder / "auth.json").write_text(json.dumps([user]))
        variables = {
            "RALPH_APP_DIR": str(self._folder),
            "RALPH_AUTH_FILE": str(self._folder / "auth.json"),
            "RALPH_AUTH_CACHE_TTL": "1",
            "RALPH_RUNSERVER_BACKEND": "fs",
            "RALPH_BACKENDS__LRS__FS__DEFAULT_DIRECTORY_PATH": str(self._folder),
            "RALPH_BACKENDS__LRS__FS__DEFAULT_LRS_FILE": self._file.name,
        }
        with socket.socket() as listening, self._log.open("wb") as log:
            listening.bind(("127.0.0.1", 0))
            self._port = listening.getsockname()[1]
            self._process = subprocess.Popen(
                [str(self._python), "-c", _SERVER, str(listening.fileno())],
                cwd=self._folder,
                env={**os.environ, **variables},
                pass_fds=[listening.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._await()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait(PATIENCE_S)

    @property
    def url(self) -> str:
        """The endpoint."""
        return f"http://127.0.0.1:{self._port}/xAPI"

    @property
    def statements(self) -> list[dict[str, Any]]:
        """Those stored, in order of arrival."""
        whole = self._file.read_text().rpartition("\n")[0]  # the last one may be half written
        return [json.loads(line) for line in whole.splitlines()]

    def told(self) -> list[dict[str, Any]]:
        """What the API gives back of them."""
        found = json.loads(self._asked(f"{self.url}/statements"))["statements"]
        assert isinstance(found, list)
        return found

    def forget(self) -> None:
        """Begin anew."""
        self._file.write_text("")

    def validated(self, statements: list[dict[str, Any]]) -> list[str]:
        """What `ralph validate` says of each, in order: VALID, WRONG, or UNKNOWN to the profiles that it has."""
        lines = "".join(f"{json.dumps(each)}\n" for each in statements)
        command = [str(self._python), "-m", "ralph", "-v", "ERROR", "validate", "-f", "xapi", "-I"]
        found = subprocess.run(command, input=lines, capture_output=True, text=True, timeout=PATIENCE_S, check=True)
        valid = {json.loads(line)["id"] for line in found.stdout.splitlines()}
        # It says of each of the others what it is, and not which.
        others = iter([UNKNOWN if _NO_MODEL in line else WRONG for line in found.stderr.splitlines() if _SAID in line])
        return [VALID if each["id"] in valid else next(others) for each in statements]

    def based(self, statements: list[dict[str, Any]]) -> list[str | None]:
        """What is wrong with each as a statement of xAPI 1.0.3, whatever its profile; None where it is one."""
        lines = "".join(f"{json.dumps(each)}\n" for each in statements)
        command = [str(self._python), "-c", _BASED]
        found = subprocess.run(command, input=lines, capture_output=True, text=True, timeout=PATIENCE_S, check=True)
        return [json.loads(line) for line in found.stdout.splitlines()]

    def wait_for(self, done: Callable[[list[dict[str, Any]]], bool]) -> None:
        """Until it holds of those stored."""
        until = time.monotonic() + PATIENCE_S
        while not done(self.statements):
            assert time.monotonic() < until, json.dumps(self.statements, indent=1)
            time.sleep(0.1)  # between two looks

    def _await(self) -> None:
        until = time.monotonic() + PATIENCE_S
        while True:
            try:
                self._asked(f"http://127.0.0.1:{self._port}/__heartbeat__")
                return
            except OSError:
                assert self._process.poll() is None and time.monotonic() < until, self._log.read_text()
                time.sleep(0.1)  # between two looks

    def _asked(self, url: str) -> bytes:
        login = b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        request = Request(url, headers={"Authorization": f"Basic {login}", "X-Experience-API-Version": "1.0.3"})
        with urlopen(request, timeout=PATIENCE_S) as answer:
            found: bytes = answer.read()
        return found
