"""What delivery needs of the store: the real one has it."""

from pathlib import Path

from agent.delivery.log import Log, Settlement
from agent.kernel.records import Cursor
from agent.outbox.letters import Refusal
from tests.support.delivery import open_store, records

SINK = "capture"


def test_a_settlement_writes_everything_at_once(tmp_path: Path) -> None:
    """Cursor, state, counts and dead letter are one transaction: a crash leaves all or nothing."""
    store = open_store(tmp_path)
    store.register(SINK)
    store.append(records("a", "b", "c"))
    log: Log = store
    refusal = Refusal(sequence=1, part=0, message="A", code="BAD", answer="no", projection="")
    Settlement(Cursor(2, 1), projection="x", delivered=1, resent=1, passed={"no-entry": 1}, refusals=(refusal,)).write(
        log, SINK
    )
    assert (Cursor(2, 1), "x") == log.position(SINK)
    (account,) = store.statistics().sinks
    assert (
        account.delivered,
        account.resent,
        account.passed,
        account.refused,
    ) == (1, 1, {"no-entry": 1}, {"BAD": 1})
    assert [event.kind for event in log.peek(SINK, 10)] == ["c"]
    store.close()
