"""The event's fields and the server's log line."""

import pytest

from tools.standin import event
from tools.standin.errors import ApiError


def test_fields_that_were_not_sent_are_not_there() -> None:
    """A test must be able to tell an empty field from one that was never sent."""
    assert event.read({"event": {"eventType": "3", "seek": "false", "userId": "", "Unknown": "x"}}) == {
        "eventType": 3,
        "seek": False,
        "userId": "",
    }


def test_log_line_escapes_nothing() -> None:
    """A comma in a device's name forges columns; the agent strips it because of this."""
    line = event.csv_line({"clientVer": "a,b", "eventType": 3, "eventTimestamp": 1763740000.123456, "received": 0.0})
    assert line == "a,b,3,1970-01-01 00:00:00,,,,,,,,,,,,,,,,1763740000.1235,"


def test_object_of_another_type_is_refused() -> None:
    """INVALID_OBJECT_TYPE is one of the permanent errors that delivery must know."""
    with pytest.raises(ApiError, match="KalturaOther"):
        event.read({"event": {"objectType": "KalturaOther"}})
