"""Application events: page loads, button clicks and whatever else the kiosk's application tells by a number.

Contract: pure. `fields` gives the name and the fields of one message; None where the event has no number here.
Rules: texts are passed on as the application gave them, for whether kalturaApplication, pageType and buttonType are
words or numbers is between it and its reports. What names the account, the event or the session is never its to set.
Reasons: the guide's section 6; kaltura.md section 3.
"""

from collections.abc import Mapping
from typing import Final

from agent.kernel.activity import ButtonClicked, Custom, PageViewed
from agent.kernel.attribution import Attribution
from agent.sinks.track_event.encode import entry, owner_fields, text
from agent.sinks.track_event.kinds import Kind

NO_NUMBER: Final = "no-number"
"""The reason under which a custom event is counted that has no number of trackEvent's."""

_OURS: Final = frozenset(
    {
        "ks",
        "format",
        "service",
        "action",
        "apiVersion",
        "clientTag",
        "eventType",
        "partnerId",
        "entryId",
        "sessionId",
        "eventIndex",
        "sessionStartTime",
        "playbackContext",
        "userId",
        "eventId",
        "attempt",
    }
)
"""What an application's own fields cannot be called."""


def fields(
    event: PageViewed | ButtonClicked | Custom, owner: Attribution, *, application: str | None
) -> tuple[str, Mapping[str, str]] | None:
    """The message's name for people, and its fields in the order in which they are sent.

    `application`: what kalturaApplication says where the event does not name one.
    """
    match event:
        case PageViewed():
            return _named(Kind.PAGE_LOAD.name, Kind.PAGE_LOAD, _page(event, application), owner)
        case ButtonClicked():
            return _named(Kind.BUTTON_CLICKED.name, Kind.BUTTON_CLICKED, _page(event, application), owner)
        case Custom(number=int(number)):
            own = {key: value for name, value in event.fields if (key := text(name)) and key not in _OURS}
            own.setdefault("kalturaApplication", application or "")
            return _named(event.name, number, own, owner)
        case _:
            return None


def _page(event: PageViewed | ButtonClicked, application: str | None) -> dict[str, str | None]:
    return {
        "kalturaApplication": event.application or application,
        "pageType": event.page_type,
        "pageName": event.page_name,
        "buttonType": event.button_type,
        "buttonName": event.button_name,
    }


def _named(name: str, number: int, own: Mapping[str, str | None], owner: Attribution) -> tuple[str, Mapping[str, str]]:
    entry_id, _ = entry(owner)
    common = {
        "eventType": str(int(number)),
        "partnerId": str(owner.partner_id),
        "entryId": entry_id,
        "sessionId": owner.context_id or owner.session_id,
        **dict(owner_fields(owner)),
    }
    cleaned = {key: text(value) for key, value in {**common, **own}.items()}
    return name, {key: value for key, value in cleaned.items() if value}
