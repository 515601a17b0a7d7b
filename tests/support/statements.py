"""Events through the projection of xAPI, one after another, as the pump would take them."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.kernel.activity import Activity
from agent.kernel.attribution import Attribution
from agent.kernel.events import Event
from agent.kernel.records import StoredEvent
from agent.sinks.base import Message
from agent.sinks.xapi import projection
from agent.sinks.xapi.actors import Actors, Naming
from agent.sinks.xapi.facts import Profile
from agent.sinks.xapi.projection import Rules
from agent.sinks.xapi.templates import Templates, read
from tests.support.playback import WALL
from tests.support.track_event import as_stored

PORTAL = "https://example.mediaspace.kaltura.com"
KEY = b"0123456789abcdef"
PROFILES = Path(__file__).parents[2] / "agent" / "sinks" / "xapi" / "profiles"


def templates(profile: Profile, changes: str | None = None) -> Templates:
    """The profile's own templates, changed."""
    return read(profile, (PROFILES / f"{profile.value}.json").read_text(encoding="utf-8"), changes)


def rules(
    profile: Profile = Profile.KALTURA, *, naming: Naming = Naming.PSEUDONYM, changes: str | None = None
) -> Rules:
    """As settings make them."""
    return Rules(
        profile,
        templates(profile, changes),
        Actors(naming, PORTAL, KEY),
        portal_url=PORTAL,
        portal_name="Kaltura MediaSpace",
        entry_url=f"{PORTAL}/media/t/{{id}}",
        category_url=f"{PORTAL}/default/channels/view/channelid/{{id}}",
        marks=(0.25, 0.5, 0.75),
    )


@dataclass
class Learning:
    """A destination in the making."""

    rules: Rules = field(default_factory=rules)
    who: Attribution | None = None
    state: str = ""
    sequence: int = 0
    passed: list[str] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)

    def tell(self, *events: Event | Activity) -> "Learning":
        """Take events; what they became is appended to `messages` and `passed`."""
        for event in events:
            self.sequence += 1
            self.take(as_stored(event, self.sequence, who=self.who), event)
        return self

    def take(self, kept: StoredEvent, event: Event | Activity) -> None:
        """Take one event as the log gives it back."""
        found = projection.project(self.state, kept, event, time=WALL + event.at, rules=self.rules)
        self.state = found.state
        self.messages += found.messages
        if found.passed is not None:
            self.passed.append(found.passed)

    @property
    def names(self) -> list[str]:
        """What was told, in words."""
        return [message.name for message in self.messages]

    @property
    def statements(self) -> list[dict[str, Any]]:
        """What was told, whole."""
        return [json.loads(message.fields["statement"]) for message in self.messages]
