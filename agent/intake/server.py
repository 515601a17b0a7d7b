"""The local socket: many applications at once, one thread.

Contract: `IntakeServer` serves a `Listener` until `close`. What applications tell goes through `put` (the main loop's
mailbox); each line is answered after the main loop answered. `counters`: what was answered and refused, by reason.
Rules: one thread and a selector, because a thread for each of 64 connections would cost a Raspberry Pi more memory than
what they say. Nothing here waits for one application: whoever is slow, silent, wrong or gone harms nobody else. All
that is held is bounded: connections, a line and a chunk each, `conversation.PIPELINE` answers each. So the mailbox
cannot be filled from here: it holds 4096 letters, and at most 64 times 32 can be due.
When all places are taken, the connection that has been silent longest makes room: an application that forgets to close
its connections must not lock out itself and everybody else.
Reasons: house rules 6 and 8; decision 27.
"""

import json
import os
import selectors
import socket
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from math import inf
from typing import Final

import structlog

from agent.intake.conversation import ACCEPTED, Conversation
from agent.intake.listening import BACKLOG, Listener
from agent.intake.peers import Door, Peer, peer_of
from agent.intake.submission import Answer, Declined, Reason, Submission, plain
from agent.intake.throttle import Throttle

log = structlog.get_logger()

CONNECTIONS: Final = 64
CHUNK_BYTES: Final = 16 * 1024
# After a failed accept (no file descriptor left): long enough not to spin, short enough to be there when asked again.
ACCEPT_AGAIN_S: Final = 0.5

BUSY = Declined(Reason.BUSY, f"{CONNECTIONS} connections are open and all wait for an answer", retry_after_s=1.0)
UNHEARD: Final = "unheard"
DISPLACED: Final = "displaced"


class _Connection:
    """An open socket and what is said on it."""

    def __init__(self, opened: socket.socket, talk: Conversation) -> None:
        self.socket = opened
        self.talk = talk
        self.mask = 0


class IntakeServer:
    """`now()`: boot-time seconds. `throttle` may be shared with other intakes."""

    def __init__(
        self,
        listener: Listener,
        *,
        put: Callable[[Submission], None],
        throttle: Throttle,
        now: Callable[[], float],
    ) -> None:
        self._listener = listener
        self._put = put
        self._throttle = throttle
        self._now = now
        self._door = Door(os.geteuid(), listener.group)
        self._refused_users: set[int] = set()
        self._connections: dict[int, _Connection] = {}
        self._deaf_until = 0.0
        self._listening = False
        self._serving = False
        self._closing = False
        words = (ACCEPTED, UNHEARD, DISPLACED, *(reason.value for reason in Reason))
        self._counts: Counter[str] = Counter(dict.fromkeys(words, 0))
        self._selector = selectors.DefaultSelector()
        self._ear, self._bell = socket.socketpair()
        for each in (self._ear, self._bell):
            each.setblocking(False)
        self._selector.register(self._ear, selectors.EVENT_READ)

    @property
    def counters(self) -> Mapping[str, int]:
        """For `status`, from any thread: all its keys are there from the beginning."""
        return dict(self._counts)

    @property
    def connections(self) -> int:
        """How many are open."""
        return len(self._connections)

    def serve(self) -> None:
        """Answer until `close`."""
        self._serving = True
        try:
            while not self._closing:
                self._step()
            for connection in list(self._connections.values()):
                self._work(connection)  # what the main loop answered last
        finally:
            for connection in list(self._connections.values()):
                self._drop(connection)
            self._release()

    def close(self) -> None:
        """Stop, from any thread. The socket is gone when `serve` has ended."""
        self._closing = True
        self._wake()
        if not self._serving:
            self._release()

    def _release(self) -> None:
        self._listener.close()
        self._selector.close()
        for each in (self._ear, self._bell):
            each.close()

    def _wake(self) -> None:
        with suppress(OSError):  # full: it is about to wake anyway; closed: it has ended
            self._bell.send(b"\0")

    def _step(self) -> None:
        now = self._now()
        self._listen(now)
        deadline = min((each.talk.deadline(now) for each in self._connections.values()), default=inf)
        deadline = min(deadline, self._deaf_until if self._deaf_until > now else inf)
        ready = self._selector.select(None if deadline == inf else max(deadline - now, 0.0))
        newcomers = False
        for key, _ in ready:
            if key.fileobj is self._ear:
                with suppress(OSError):
                    self._ear.recv(CHUNK_BYTES)
            elif key.fileobj is self._listener.socket:
                newcomers = True
            else:
                self._receive(self._connections[key.fd])
        for connection in list(self._connections.values()):
            self._work(connection)
        if newcomers:  # last, so that none of them displaces somebody who has just spoken
            self._accept_all()

    def _accept_all(self) -> None:
        for _ in range(BACKLOG):
            if not self._accept():
                return

    def _listen(self, now: float) -> None:
        """Listen for newcomers, except for a while after one could not be accepted."""
        if not self._listening and now >= self._deaf_until:
            self._selector.register(self._listener.socket, selectors.EVENT_READ)
            self._listening = True

    def _accept(self) -> bool:
        """Take one newcomer; False where there is none, or none can be taken."""
        try:
            opened, _ = self._listener.socket.accept()
        except BlockingIOError:
            return False
        except OSError:
            self._deaf_until = self._now() + ACCEPT_AGAIN_S
            self._selector.unregister(self._listener.socket)
            self._listening = False
            return False
        opened.setblocking(False)
        try:
            peer = peer_of(opened)
        except OSError:
            opened.close()
            return True
        if not self._door.opens_to(peer):
            self._turn_away(opened, self._stranger(peer))
        elif len(self._connections) >= CONNECTIONS and not self._displace():
            self._turn_away(opened, BUSY)
        else:
            self._welcome(opened, peer)
        return True

    def _welcome(self, opened: socket.socket, peer: Peer) -> None:
        talk = Conversation(
            str(peer), put=self._put, throttle=self._throttle, count=self._count, wake=self._wake, now=self._now()
        )
        connection = self._connections[opened.fileno()] = _Connection(opened, talk)
        self._watch(connection, self._now())

    def _stranger(self, peer: Peer) -> Declined:
        if peer.uid not in self._refused_users and len(self._refused_users) < CONNECTIONS:
            self._refused_users.add(peer.uid)
            log.warning("intake refused a user", uid=peer.uid, pid=peer.pid)
        group = "there is no intake.group" if self._door.group is None else "it is no member of intake.group"
        return Declined(Reason.PEER_REFUSED, f"user {peer.uid} may not report here: {group}")

    def _displace(self) -> bool:
        """Close the connection that has been silent longest, of those to which nothing is owed; False without one."""
        silent = [each for each in self._connections.values() if not each.talk.waiting and not each.talk.out]
        if not silent:
            return False
        self._count(DISPLACED)
        self._drop(min(silent, key=lambda each: each.talk.heard_at))
        return True

    def _turn_away(self, opened: socket.socket, answer: Answer) -> None:
        assert isinstance(answer, Declined)
        self._count(answer.reason.value)
        with opened, suppress(OSError):
            opened.send(json.dumps(plain(answer, None)).encode("ascii") + b"\n")

    def _receive(self, connection: _Connection) -> None:
        now = self._now()
        if not connection.talk.wants_more(now):
            return
        try:
            data = connection.socket.recv(CHUNK_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        connection.talk.hear(data, now)

    def _work(self, connection: _Connection) -> None:
        talk, now = connection.talk, self._now()
        hangs = talk.overdue(now)
        talk.work(now)
        try:
            while talk.out:
                talk.sent(connection.socket.send(talk.out))
                talk.work(now)
        except BlockingIOError:
            pass
        except OSError:
            hangs = True  # it is gone
        if hangs or talk.is_over:
            self._drop(connection)
        else:
            self._watch(connection, now)

    def _watch(self, connection: _Connection, now: float) -> None:
        """Have the selector wake us for what this connection waits for, and for nothing else: it would spin."""
        talk = connection.talk
        mask = (selectors.EVENT_READ if talk.wants_more(now) else 0) | (selectors.EVENT_WRITE if talk.out else 0)
        if mask == connection.mask:
            return
        if connection.mask == 0:
            self._selector.register(connection.socket, mask)
        elif mask == 0:
            self._selector.unregister(connection.socket)
        else:
            self._selector.modify(connection.socket, mask)
        connection.mask = mask

    def _drop(self, connection: _Connection) -> None:
        self._counts[UNHEARD] += connection.talk.waiting
        if connection.mask:
            self._selector.unregister(connection.socket)
        del self._connections[connection.socket.fileno()]
        connection.socket.close()

    def _count(self, reason: str) -> None:
        self._counts[reason] += 1
