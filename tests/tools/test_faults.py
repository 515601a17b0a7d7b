"""The table of armed faults."""

from tools.standin.faults import FaultTable, Ignore, Late, Lost, Refuse, http_error
from tools.standin.php import Params

PLAY: Params = {"eventType": "3", "entryId": "0_a"}
SEEK: Params = {"eventType": "17", "entryId": "0_a"}


def test_fault_happens_so_often_and_no_more() -> None:
    """ "The next two requests fail" must mean two."""
    table = FaultTable()
    table.arm(Lost(), times=2, where={})
    assert [(Lost(), 0.0), (Lost(), 0.0), (None, 0.0)] == [table.for_request(lambda: [PLAY]) for _ in range(3)]


def test_fault_for_one_kind_of_event_leaves_others_alone() -> None:
    """A poison event in the middle of a queue."""
    table = FaultTable()
    table.arm(Refuse("INVALID_ENUM_VALUE"), times=None, where={"eventType": 17})
    assert table.for_item(lambda: PLAY) is None
    assert [Refuse("INVALID_ENUM_VALUE")] * 2 == [table.for_item(lambda: SEEK) for _ in range(2)]
    assert table.for_request(lambda: [SEEK]) == (None, 0.0)


def test_latency_is_added_to_what_else_happens() -> None:
    """A slow server can be a broken one too."""
    table = FaultTable()
    table.arm(Late(200), times=None, where={})
    table.arm(Late(300), times=1, where={})
    table.arm(http_error(503, 7), times=1, where={})
    table.arm(Ignore(), times=1, where={})
    assert (http_error(503, 7), 0.5) == table.for_request(lambda: [PLAY])
    assert table.for_request(lambda: [PLAY]) == (None, 0.2)
    assert [Ignore(), None] == [table.for_item(lambda: PLAY) for _ in range(2)]


def test_clear_disarms_everything() -> None:
    """A test ends its fault and looks at the recovery."""
    table = FaultTable()
    table.arm(Lost(), times=None, where={})
    assert len(table.armed()) == 1
    table.clear()
    assert table.for_request(lambda: [PLAY]) == (None, 0.0)
    assert table.armed() == []
