"""Follows a VLC over its HTTP interface, where there is no session bus to follow it on.

Contract: a `Source` (agent.player.attached.source). A thread of its own asks and puts `Page` or `Unreachable` into the
inbox; commands are handed to that thread.
Rules: everything is polled: four times a second while something plays, else once. VLC's address never leaves this
machine unless it was given so; the password goes into the request's header alone, is read anew when it was refused, and
no problem's text holds it. Answers are bounded, and a VLC that does not answer in time is one that is not there. Where
nobody listens VLC is gone, at once: so one that ends with its film, or is started again, is not taken for one that goes
on. One that says nothing of use for `LOST_S` is lost, too: a single bad answer does not end a play.
Reasons: vlc.md section 7 (a request takes 24 ms, and VLC closes the connection after each). Of 9000 requests to a VLC
that plays none was refused, neither one after the other nor 8 at a time.
"""

import base64
import http.client
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Empty, SimpleQueue
from urllib.parse import urlsplit

from agent.player.attached import page
from agent.player.attached.address import user
from agent.player.attached.observer import Observer, Told
from agent.player.attached.page import Reading
from agent.player.attached.playhead import LATE_S, SILENT_S
from agent.player.attached.source import Attachment
from agent.player.attached.state import Item, State, Status
from agent.player.wire import Command

POLL_S = 0.25
IDLE_S = 1.0
ANSWER_S = 2.0
_ANOTHER = "another program may listen there; correct --url"
LOST_S = 3.0
MAX_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class Page:
    """VLC was in `state` at `at`, its playhead at `position`; it took `took` seconds to say so."""

    state: State
    position: float
    took: float
    at: float


@dataclass(frozen=True, slots=True)
class Unreachable:
    """It was not, at `at`. `problem`: why, with the remedy. `gone`: nobody listens there."""

    problem: str
    at: float
    gone: bool = False


class HttpError(Exception):
    """VLC did not give a page; the text says why, and what to do."""


class NobodyListensError(HttpError):
    """There is no VLC, or none with that interface."""


class Desk:
    """What asks: the thread's side. `now` gives boot-time seconds."""

    def __init__(
        self,
        url: str,
        password_file: Path | None,
        *,
        put: Callable[[Page | Unreachable], None],
        now: Callable[[], float],
    ) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 8080
        self._base = parts.path.rstrip("/")
        self._url, self._password_file = url, password_file
        self._password: str | None = None
        self._put, self._now = put, now
        self._orders: SimpleQueue[str] = SimpleQueue()
        self._item: Item | None = None

    def order(self, query: str) -> None:
        """Have a command's request made, before the next look."""
        self._orders.put(query)

    def run(self) -> None:
        """Look, for ever."""
        while True:
            looked = self.look()
            self._put(looked)
            plays = isinstance(looked, Page) and looked.state.status is Status.PLAYING
            with suppress(Empty):
                self._order(self._orders.get(timeout=POLL_S if plays else IDLE_S))

    def look(self) -> Page | Unreachable:
        """One look at VLC."""
        asked = self._now()
        try:
            reading = page.reading_of(self._get("/requests/status.json"))
            at = self._now()
            if reading is None:
                raise HttpError(f"{self._url} does not answer as VLC's HTTP interface does: {_ANOTHER}")
            state = replace(reading.state, item=self._find(reading))
        except HttpError as error:
            self._item = None  # Another VLC counts its list from the start.
            return Unreachable(str(error), self._now(), gone=isinstance(error, NobodyListensError))
        return Page(state, reading.position, at - asked, at)

    def _find(self, reading: Reading) -> Item | None:
        if not reading.place:
            return None
        if self._item is None or self._item.place != reading.place:
            uri = page.uri_of(self._get("/requests/playlist.json"), reading.place)
            self._item = None if uri is None else Item(reading.place, uri)
        if self._item is not None:
            self._item = replace(self._item, title=reading.title, length=reading.length)
        return self._item

    def _order(self, query: str) -> None:
        with suppress(HttpError):
            self._get(f"/requests/status.json?{query}")

    def _get(self, path: str) -> bytes:
        connection = http.client.HTTPConnection(self._host, self._port, timeout=ANSWER_S)
        try:
            connection.request("GET", self._base + path, headers={"Authorization": self._authorization()})
            answer = connection.getresponse()
            body = answer.read(MAX_BYTES)
        except ConnectionRefusedError:
            raise NobodyListensError(self._nobody()) from None
        except (OSError, ValueError, http.client.HTTPException):  # ValueError: a host's name that is none
            raise HttpError(self._nobody()) from None
        finally:
            connection.close()
        if answer.status == 200:
            return body
        self._password = None
        raise HttpError(self._refusal(answer.status))

    def _nobody(self) -> str:
        return f"no VLC at {self._url}: start it with --extraintf http --http-host 127.0.0.1 --http-password …"

    def _refusal(self, status: int) -> str:
        if status == 401:
            where = self._password_file or "--password-file, which is missing"
            return f"VLC at {self._url} refuses the password: put what its --http-password says into {where}"
        if status == 404:
            return f"VLC at {self._url} shows nothing (404): it was started without --http-password"
        return f"{self._url} answers {status}, not as VLC's HTTP interface does: {_ANOTHER}"

    def _authorization(self) -> str:
        if self._password is None:
            self._password = self._read_password()
        return "Basic " + base64.b64encode(f":{self._password}".encode()).decode("ascii")

    def _read_password(self) -> str:
        if self._password_file is None:
            return ""
        try:
            return self._password_file.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            what = "does not exist: write VLC's --http-password into it, or correct --password-file"
        except (OSError, UnicodeDecodeError):
            what = f"cannot be read by user {user(os.geteuid())}: make it that user's, as one line of text, mode 0400"
        raise HttpError(f"the password file {self._password_file} {what}")


class OverHttp:
    """The owner thread's side."""

    kind = "http"

    def __init__(self, url: str, order: Callable[[str], None]) -> None:
        self._name = url
        self._order = order
        self._observer = Observer()
        self._state = State()
        self._seen: float | None = None
        self._read_at = 0.0
        self.attachment = Attachment(problem=f"{url} has not answered yet")

    @property
    def token(self) -> int:
        """The medium in the player; 0 before the first."""
        return self._observer.token

    @property
    def position(self) -> float | None:
        """The playhead (media s), None while nothing plays."""
        return self._observer.position

    def take(self, heard: object, now: float) -> list[Told]:
        """One look's result."""
        match heard:
            case Page(state, position, took, at):
                self._seen, self._state = at, state
                self.attachment = Attachment(self._name)
                told = self._observer.see(state, at)
                if took <= LATE_S or at - self._read_at >= SILENT_S:
                    self._read_at = at
                    told += self._observer.read(position, at)
                return told
            case Unreachable(problem, at, gone) if gone or self._seen is None or at - self._seen >= LOST_S:
                self.attachment = Attachment(problem=problem)
                self._state = State()
                return self._observer.lose(at)
            case _:
                return []

    def work(self, now: float) -> list[Told]:
        """Say what was held back."""
        return self._observer.tick(now)

    def due(self, now: float) -> float | None:
        """When `work` is wanted."""
        return self._observer.due

    def obey(self, command: Command) -> None:
        """Pass a command on."""
        query = page.query_of(command, self._state)
        if query is not None:
            self._order(query)


def boot_time() -> float:
    """The clock that the agent's machine has in common with us."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)
