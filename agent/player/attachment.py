"""Serves the host of a player that is not ours: kiosk-attach.service.

Contract: as `agent.player.unit.Unit`. `status.attached` is what the host said last of the player that it follows.
Rules: a host that only looks has nothing of ours: no order and no setting of the agent's is a reason to have it end,
for the play that it follows would be torn in two.
Reasons: decision 32.
"""

from dataclasses import replace

import structlog

from agent.config.redact import masked
from agent.player.hostoptions import HostOptions
from agent.player.keeper import RestartRules
from agent.player.link import Connection
from agent.player.unit import Unit
from agent.player.wire import Attached, Hello, Message

log = structlog.get_logger()

SERVICE = "kiosk-attach.service"


class Attachment(Unit):
    """A unit that is never told to end."""

    def _tell_waiting(self) -> None:
        super()._tell_waiting()
        self._lack()

    def _lack(self) -> None:
        """Nothing is followed."""
        self.status = replace(self.status, unfollowed_since=self._lacking_since())

    def _lacking_since(self) -> float:
        """Since when nothing is followed, where nothing is."""
        known = self.status.unfollowed_since
        return self._now() if known is None else known

    def _welcome(self, connection: Connection, hello: Hello) -> None:
        self.status = replace(self.status, attached=None)
        super()._welcome(connection, hello)

    def _take(self, message: Message) -> None:
        if isinstance(message, Attached):
            self._attach(message)
        else:
            super()._take(message)

    def _attach(self, found: Attached) -> None:
        before = self.status.attached
        problem = None if found.problem is None else masked(found.problem)
        since = self._lacking_since() if found.name is None else None
        # At once: who reads that nothing is followed must find since when.
        self.status = replace(self.status, attached=replace(found, problem=problem), unfollowed_since=since)
        if before is not None and (before.name, before.problem) == (found.name, problem):
            return
        if problem is not None:
            log.warning("no player to follow", source=found.source, problem=problem)
        elif found.name is not None:
            log.info("player followed", source=found.source, player=found.name, others=" ".join(found.others))

    def restart(self) -> None:
        """Nothing: it is nobody's to end."""

    def reconfigure(self, options: HostOptions, rules: RestartRules) -> None:  # its options are its own unit's
        """Watch it by `rules`."""
        self._rules = rules
