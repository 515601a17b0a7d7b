"""One verification at a terminal: the parts, the file that remembers the test play, and what is shown meanwhile.

Contract: `Course.run` begins (`play` or `resume`) and follows to a conclusion; raises click.UsageError where nothing
was sent because the command line or a file is wrong.
Rules: no session and no token is printed or kept. Nothing is asked of the agent, which may run meanwhile. Ctrl-C loses
nothing: the test play stands in a file, and the command that goes on is told.
"""

import shlex
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agent.cli.words import moment, plain, span
from agent.config.files import DEFAULT_PATH, Loaded
from agent.config.secrets import SecretError, read_secret
from agent.config.session import TokenHash
from agent.runtime.verification.conclusion import Conclusion, inconclusive
from agent.runtime.verification.pending import Pending, PendingError, read, rewrite, write

if TYPE_CHECKING:
    from agent.runtime.verification.course import News, Verification

pause = time.sleep


@dataclass(frozen=True, slots=True)
class Operator:
    """Who asks the report: one of a session's file, or an app token's id and file."""

    ks_file: Path | None
    token_id: str | None
    token_file: Path | None
    token_hash: str

    @property
    def arguments(self) -> list[str]:
        """The options that say the same again. They hold paths and an id, no secret."""
        if self.ks_file is not None:
            return ["--ks-file", str(self.ks_file)]
        found = ["--app-token-id", self.token_id or "", "--app-token-file", str(self.token_file)]
        return found if self.token_hash == TokenHash.SHA256.value else [*found, "--app-token-hash", self.token_hash]


class Course:
    """One verification at a terminal."""

    def __init__(self, loaded: Loaded, config: Path, operator: Operator) -> None:
        self._settings = loaded.settings
        self._config = config
        self._operator = operator
        self._secret = _secret(operator)
        self._entry_id: str | None = None
        self._pending: Pending | None = None
        self._file: Path | None = None

    def run(self, begin: Callable[[], Conclusion | None], wait_s: float) -> Conclusion:
        """Begin and follow; Ctrl-C ends it at any moment. The file stays where there is something to go on with."""
        try:
            conclusion = begin() or self._follow(wait_s)
        except KeyboardInterrupt:
            is_sent = self._pending is not None
            conclusion = inconclusive("stopped before the report said anything", resumable=is_sent)
        if self._file is not None and not conclusion.resumable:
            self._file.unlink(missing_ok=True)
            self._file = None
        if self._file is not None:
            _say(f"go on later with: {self._again()}")
        return conclusion

    def play(self, entry_id: str) -> Conclusion | None:
        """Send a test play; a conclusion where that is not possible."""
        from agent.runtime.clock import SystemClock
        from agent.runtime.verification import parts, testplay
        from agent.sinks.kaltura.clean import is_entry_id

        settings, clock = self._settings, SystemClock()
        if not is_entry_id(entry_id):
            raise click.UsageError(f"{entry_id!r} is no entry id.")
        if not settings.kaltura.enabled or settings.kaltura.service_url is None:
            raise click.UsageError("kaltura.enabled is false in the configuration: nothing is reported.")
        self._entry_id = entry_id
        to = parts.sink(settings, clock)
        try:
            verification = self._verification(settings.kaltura.service_url, settings.kaltura.partner_id or 0)
            plan = parts.plan(settings, entry_id, to)
            prepared = verification.prepare(plan, to)
            if isinstance(prepared, Conclusion):
                return prepared
            self._file = _kept(prepared)
            mark = testplay.referrer(settings.device.id)
            _say(f"sending a test play of {entry_id}, marked {mark}; it counts in the account's reports")
            self._pending = prepared
            sent = verification.play(plan, to, prepared)
            if isinstance(sent, Conclusion):
                return sent
            self._pending = sent
            rewrite(self._file, sent)
            return None
        finally:
            to.close()

    def resume(self, file: Path) -> Conclusion | None:
        """Take an earlier test play up again."""
        try:
            self._pending = read(file)
        except PendingError as error:
            raise click.UsageError(f"{error}.") from None
        self._file = file
        _say(f"waiting for the test play of {self._pending.entry_id} at {moment(self._pending.sent_at)}")
        return None

    def _follow(self, wait_s: float) -> Conclusion:
        assert self._pending is not None
        verification = self._verification(self._pending.service_url, self._pending.partner_id)
        if wait_s:
            _say(f"looking for it in the report, for {span(wait_s)} at most; Ctrl-C ends this and loses nothing")
        return verification.follow(self._pending, wait_s, _show)

    def _verification(self, service_url: str, partner_id: int) -> "Verification":
        from agent.runtime.assembly import wire_to
        from agent.runtime.clock import SystemClock
        from agent.runtime.verification.course import Verification
        from agent.runtime.verification.inquiry import Inquiry
        from agent.runtime.verification.parts import AppToken, token_key
        from agent.sinks.kaltura.login import Digest

        kaltura, secret = self._settings.kaltura, self._secret
        wire, tag = wire_to(kaltura), kaltura.client_version
        if self._operator.token_id is None:
            inquiry = Inquiry(wire, service_url, client_tag=tag, key=lambda: secret)
        else:
            token = AppToken(self._operator.token_id, secret, Digest[self._operator.token_hash])
            key = token_key(token, wire, service_url, partner_id=partner_id, client_tag=tag)
            inquiry = Inquiry(wire, service_url, client_tag=tag, key=key)
        return Verification(inquiry, SystemClock(), lambda seconds: pause(seconds))

    def _again(self) -> str:
        config = [] if self._config == DEFAULT_PATH else ["--config", str(self._config)]
        return shlex.join(["kiosk-agent", "verify", "--resume", str(self._file), *self._operator.arguments, *config])

    def report(self, conclusion: Conclusion) -> dict[str, object]:
        """The result for machines."""
        pending = self._pending
        return {
            "outcome": conclusion.outcome.value,
            "why": conclusion.why,
            "entry_id": pending.entry_id if pending else self._entry_id,
            "session_id": pending and pending.session_id,
            "sent_at": pending and pending.sent_at,
            "resume": self._file and str(self._file),
        }


def _secret(operator: Operator) -> str:
    file = operator.ks_file or operator.token_file
    assert file is not None
    try:
        return read_secret(file)
    except SecretError as error:
        raise click.UsageError(
            f"The file of {'--ks-file' if operator.ks_file else '--app-token-file'} {error}."
        ) from None


def _kept(pending: Pending) -> Path:
    try:
        return write(pending)
    except OSError as error:
        raise click.UsageError(f"The test play cannot be remembered ({error}); nothing was sent.") from None


def _show(news: "News") -> None:
    after = f"{span(news.elapsed)} after the test play"
    _say(f"{after}: {news.text}; next look in {span(news.next_s)}, {span(news.left_s)} left")


def _say(text: str) -> None:
    click.echo(plain(text), err=True)
