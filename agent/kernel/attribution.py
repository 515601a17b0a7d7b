"""To whom an event belongs: frozen when it happens, one row a session (decision 5).

Contract: values only; what is not here (URL, credentials, pace) is taken when the event is sent.
"""

from dataclasses import dataclass
from uuid import UUID, uuid5


@dataclass(frozen=True, slots=True)
class Attribution:
    """`session_id` is UUID text, "" where an activity belongs to none. `entry_id` None: played but not reported.

    `media_uri` carries no password. `context_id`: the visit of one visitor, which page views and plays share (the
    guide's 12.2), None while visits are not told apart. `unique_viewer`: a pseudonym of who watches, `widget_id` the
    player's widget at Kaltura; both None where they are not sent.
    """

    device_id: str
    session_id: str
    referrer: str
    partner_id: int
    entry_id: str | None
    media_uri: str
    user_id: str | None = None
    uiconf_id: int | None = None
    client_version: str | None = None
    context_id: str | None = None
    unique_viewer: str | None = None
    widget_id: str | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """Who an event is, for ever: the store's generation (UUID text) and a sequence never reused (decision 3).

    The device is named by the attribution; a generation belongs to one device only.
    """

    generation: str
    sequence: int

    def token(self, part: int) -> str:
        """The text that goes on the wire with the event's `part`-th message (0-based): stable over retries."""
        return f"{self.generation}-{self.sequence}-{part}"


def session_id(generation: str, ordinal: int) -> str:
    """The UUID text of the `ordinal`-th session of a store: the same after a crash, never the same in another store."""
    return str(uuid5(UUID(generation), f"session/{ordinal}"))
