"""One MQTT connection, stepped from outside.

Contract: a `Connection` greets the broker on a `Transport` and is then stepped by ONE thread, the only one that touches
it: `readable` when its descriptor is or `is_eager`, `writable` when it is and `wants_write`, `tick` every few seconds.
`take` gives what happened, in order; `failure` is why it has ended, None while it has not. Nothing here waits or
raises for what a broker or a network does.
Rules: `Online` is told when every subscription is answered; what the broker gives before that stands before it.
Who gives far more messages without our acknowledgement than `RECEIVE_MAXIMUM` is not read from until some are taken in.
Reasons: edge.md section 5.
"""

import ssl
from collections.abc import Sequence
from typing import Final, assert_never

from agent.config.remote import Protocol
from agent.remote import failures, refusals
from agent.remote.failures import Failure
from agent.remote.letters import Arrived, Declined, Letter, Online, Trouble
from agent.remote.line import Outgoing, Terms
from agent.remote.mqtt import RECEIVE_MAXIMUM, Answered, Code, Ended, Given, Greeted, Talk, Told, Unsaid
from agent.remote.settings import BrokerSettings
from agent.remote.transport import PACKET_BYTES, OversizeError, Transport

ANSWER_S: Final = 20.0
"""Within which the broker answers the greeting and the subscriptions; mosquitto does in milliseconds."""

INFLIGHT: Final = 20
"""Messages under way to the broker at a time, unless it says less; mosquitto's own number."""

_UNACKNOWLEDGED: Final = 2 * RECEIVE_MAXIMUM
# A broker that speaks 3.1.1 has a number of its own, 20 and 32 in what is common, and its answer to our subscriptions
# may stand behind that many messages: at that number itself, reading must go on.
_WAITING_BYTES: Final = 2 * PACKET_BYTES
_PACKETS_A_STEP: Final = 50


class Connection:
    """`run` numbers it. `protocol`: V5 or V311. `keeps`: messages wait for `acknowledge`, else they are acknowledged.

    `clean`: the broker forgets the session before and after; otherwise it keeps it as long as the settings say.
    `terms.will` None: without a last will.
    """

    def __init__(
        self,
        settings: BrokerSettings,
        terms: Terms,
        *,
        run: int,
        transport: Transport,
        protocol: Protocol,
        password: str | None,
        now: float,
        clean: bool = False,
        keeps: bool = True,
    ) -> None:
        self.run = run
        self.protocol = protocol
        self.heard_at = now
        self.failure: Failure | None = None
        self.is_online = False
        self.under_way: dict[int, Outgoing] = {}
        self._settings = settings
        self._topics = tuple(terms.topics)
        self._transport = transport
        self._keeps = keeps
        self._deadline = now + ANSWER_S
        self._letters: list[Letter] = []
        self._asked: dict[int, tuple[str, ...]] = {}
        self._unacknowledged = 0
        self._greeted: Greeted | None = None
        self._inflight = INFLIGHT
        is_v5 = protocol is Protocol.V5
        self._talk = Talk(settings, terms.will, transport=transport, is_v5=is_v5, password=password, clean=clean)
        self._digest()

    def fileno(self) -> int:
        """To wait on, while `failure` is None."""
        return self._transport.fileno()

    @property
    def wants_read(self) -> bool:
        return self.failure is None and (not self._keeps or self._unacknowledged < _UNACKNOWLEDGED)

    @property
    def wants_write(self) -> bool:
        return self.failure is None and self._transport.waiting_bytes > 0

    @property
    def is_eager(self) -> bool:
        """Bytes lie here that no descriptor tells of: call `readable` without waiting."""
        return self.wants_read and not self._transport.is_dry

    @property
    def has_room(self) -> bool:
        """Whether `publish` may be called."""
        is_free = len(self.under_way) < self._inflight and self._transport.waiting_bytes < _WAITING_BYTES
        return self.is_online and self.failure is None and is_free

    def readable(self, now: float) -> None:
        """Take what has come, up to a bound, so that nobody else waits for ever."""
        before = self._transport.received
        for _ in range(_PACKETS_A_STEP):
            if not self.wants_read:
                break
            self._talk.read()
            self._digest()
            if self._transport.is_dry:
                break
        if self._transport.received != before:
            self.heard_at = now

    def writable(self) -> None:
        """Send what waits."""
        try:
            self._transport.flush()
        except OSError as error:
            self._gone(Ended(None, str(error)))

    def tick(self, now: float) -> None:
        """Keep the line alive; end it where it is not."""
        self._talk.tick()
        self._digest()
        if not self.is_online and now >= self._deadline:
            self._end(failures.silent(self._settings.place, ANSWER_S))

    def take(self) -> list[Letter]:
        """What happened since the last call."""
        taken, self._letters = self._letters, []
        return taken

    def publish(self, message: Outgoing) -> None:
        """Publish, where `has_room`. What is not acknowledged yet stands in `under_way`."""
        highest = self._greeted.maximum_qos if self._greeted is not None else None
        mid = self._talk.publish(message, qos=message.qos if highest is None else min(message.qos, highest))
        if mid is not None:
            self.under_way[mid] = message
        self._digest()

    def acknowledge(self, mid: int, qos: int) -> None:
        """The message is taken in."""
        if qos and self.failure is None:
            self._unacknowledged = max(self._unacknowledged - 1, 0)
            self._talk.acknowledge(mid, qos)
            self._digest()

    def subscribe(self, topics: Sequence[str]) -> None:
        """From now on exactly these."""
        before, self._topics = self._topics, tuple(topics)
        if self._greeted is None or self.failure is not None:
            return  # the greeting's answer asks for them
        self.unsubscribe([topic for topic in before if topic not in self._topics])
        self._ask([topic for topic in self._topics if topic not in before])

    def unsubscribe(self, topics: Sequence[str]) -> None:
        """Have no more of `topics`, which an earlier program of this identity may have asked for."""
        if topics and self.failure is None:
            self._talk.unsubscribe(topics)
            self._digest()

    def disconnect(self) -> None:
        """Say farewell: the broker does not publish the last will."""
        if self.failure is None:
            self._talk.farewell()
            self.close()

    def close(self) -> None:
        """End it without a farewell: the broker publishes the last will."""
        self._end(failures.lost(self._settings.place, "ended by this side"))

    def _digest(self) -> None:
        """Take in what was heard; what we ask for meanwhile may make us hear more."""
        heard = self._talk.heard
        while heard and self.failure is None:
            self._hear(heard.popleft())
        if self.failure is None and self._transport.fileno() < 0:
            self._gone(Ended(None, "closed"))

    def _hear(self, told: Told) -> None:
        match told:
            case Given():
                self._arrive(told)
            case Answered(mid, codes):
                self._answer(mid, codes)
            case Greeted():
                self._welcome(told)
            case Unsaid(topic, why):
                self._letters.append(Declined(self.run, topic, failures.said(why)))
            case Ended():
                self._gone(told)
            case _:
                assert_never(told)

    def _welcome(self, greeted: Greeted) -> None:
        if refusals.fails(greeted.code.value):
            self._end(refusals.refused(greeted.code.value, greeted.code.name, self._settings.place))
            return
        self._greeted = greeted
        if greeted.inflight is not None:
            self._inflight = min(self._inflight, max(greeted.inflight, 1))
        self._ask(self._topics)
        self._tell_online()

    def _ask(self, topics: Sequence[str]) -> None:
        mid = self._talk.subscribe(topics) if topics else None
        if mid is not None:
            self._asked[mid] = tuple(topics)

    def _answer(self, mid: int, codes: Sequence[Code]) -> None:
        published = self.under_way.pop(mid, None)
        what = (published.topic,) if published is not None else self._asked.pop(mid, ())
        for topic, code in zip(what, codes, strict=False):
            if refusals.fails(code.value):
                self._letters.append(Declined(self.run, topic, refusals.declined(code.value, code.name)))
        self._tell_online()

    def _tell_online(self) -> None:
        if self._greeted is not None and not self.is_online and not self._asked:
            self.is_online = True
            self._letters.append(Online(self.run, self.protocol.value, self._greeted.resumed))

    def _arrive(self, given: Given) -> None:
        if given.qos and self._keeps and given.topic is not None:
            self._unacknowledged += 1
        elif given.qos:
            self._talk.acknowledge(given.mid, given.qos)
        if given.topic is not None:
            letter = Arrived(
                self.run,
                given.mid,
                given.qos,
                given.topic,
                given.payload,
                given.retained,
                given.response_topic,
                given.correlation,
            )
            self._letters.append(letter)

    def _gone(self, ended: Ended) -> None:
        trouble, place = self._transport.trouble, self._settings.place
        if ended.code is not None:
            failure = refusals.dismissed(ended.code.value, ended.code.name, place)
        elif isinstance(trouble, ssl.SSLError) and not isinstance(trouble, ssl.SSLEOFError):
            failure = failures.tls_failure(trouble, place)
        elif isinstance(trouble, OversizeError):
            failure = Failure(Trouble.REFUSED, f"{place}: {trouble}")
        elif self._greeted is None:
            certified = self._settings.certificate_file is not None
            failure = failures.closed_early(place, encrypted=self._settings.is_encrypted, certified=certified)
        else:
            failure = failures.lost(place, trouble or ended.why)
        self._end(failure)

    def _end(self, failure: Failure) -> None:
        if self.failure is None:
            self.failure = failure
            self.is_online = False
            self._transport.close()
