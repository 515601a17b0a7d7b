"""What an application may tell: every type and every field, with what each accepts.

Contract: `TYPES` maps a type's word to its fields, those that all have included. Parser, command line and the protocol
page are made from it.
Rules: texts are bounded and hold no control characters and nothing that UTF-8 cannot say (the store could not keep
it). A number may stand for a text and is passed on as text: Kaltura's own applications send numbers there.
Source: the guide's sections 5.1, 6.1, 6.2; xapi-guide, "xAPI events sent by Kaltura"; kaltura.md section 3.
"""

import re
from dataclasses import dataclass, replace
from typing import Any

from agent.config.kinds import QUOTED_LENGTH, Kind, MisfitError, Whole, quoted
from agent.config.words import EntryId
from agent.intake.submission import VisitCommand
from agent.kernel.activity import Deed, PortalDeed

PAGE, BUTTON, CUSTOM = "page", "button", "custom"

TEXT_LENGTH = 200
VALUE_LENGTH = 500
FIELDS_AT_MOST = 32
# JavaScript's largest exact integer; a number beyond it was rounded before it came here.
LARGEST_NUMBER = 2**53 - 1
# C0 and C1 control characters, and lone surrogates, which JSON's escapes can say and UTF-8 cannot.
_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")
# What the agent says itself about every event; an application that could say it too could speak for another account.
RESERVED = frozenset(
    {"action", "apiversion", "clienttag", "entryid", "eventid", "eventtype"}
    | {"format", "ks", "partnerid", "service", "sessionid", "userid"}
)


@dataclass(frozen=True, slots=True)
class Words:
    """A text, or a number that is passed on as text. `name` says what it is, with its article."""

    name: str = "a text"
    longest: int = TEXT_LENGTH

    @property
    def allowed(self) -> str:
        return f"{self.name} of 1 to {self.longest} characters without control characters, or a number"

    def read(self, value: object) -> str:
        if isinstance(value, int | float) and not isinstance(value, bool):
            if not abs(value) <= LARGEST_NUMBER:  # so written that NaN is refused, too
                raise MisfitError("found a number that is too large", self.allowed)
            return str(int(value) if value == int(value) else value)
        if not isinstance(value, str) or not value or len(value) > self.longest or _UNFIT.search(value):
            raise MisfitError(f"found {shown(value)}", self.allowed)
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": ["string", "number"], "minLength": 1, "maxLength": self.longest}


@dataclass(frozen=True, slots=True)
class Pairs:
    """An object of names and texts, which becomes a tuple of pairs in its own order."""

    @property
    def allowed(self) -> str:
        return f"an object of at most {FIELDS_AT_MOST} names, each with {Words(longest=VALUE_LENGTH).allowed}"

    def read(self, value: object) -> tuple[tuple[str, str], ...]:
        if not isinstance(value, dict) or len(value) > FIELDS_AT_MOST:
            raise MisfitError(f"found {shown(value)}", self.allowed)
        return tuple((self._name(name), self._text(name, item)) for name, item in value.items())

    def _name(self, name: str) -> str:
        if name.lower() in RESERVED:
            raise MisfitError(f"{shown(name)} is said by the agent itself", "another name")
        if _KEY.fullmatch(name) is None:
            allowed = "names of 1 to 64 letters, digits, dots, dashes and underscores that begin with a letter"
            raise MisfitError(f"found the name {shown(name)}", allowed)
        return name

    def _text(self, name: str, item: object) -> str:
        try:
            return Words(longest=VALUE_LENGTH).read(item)
        except MisfitError as misfit:
            raise MisfitError(f"{name}: {misfit.what}", misfit.allowed) from None

    def schema(self) -> dict[str, Any]:
        return {"type": "object", "maxProperties": FIELDS_AT_MOST}


@dataclass(frozen=True, slots=True)
class Field:
    """One key of a line. `help` is for the person who writes the application."""

    name: str
    kind: Kind
    help: str
    required: bool = False


MARK = Field("id", Words("your own id"), "Your own id for this line; the answer repeats it.")
_ENTRY = Field("entry_id", EntryId(), "The Kaltura entry that it is about.")
_USER = Field(
    "user_id",
    Words("an id of the user"),
    "Who did it. Said by you, or by kaltura.user_id of the configuration, or by nobody.",
)
_OF_ALL = (MARK, _ENTRY, _USER)
_OF_PLACES = (
    Field("application", Words(), "The application's name (kalturaApplication)."),
    Field("page_type", Words(), "The kind of page, as lobby (pageType)."),
    Field("page_name", Words(), "Which page, as keynote-2026 (pageName)."),
    Field("button_type", Words(), "The kind of button, as cta (buttonType)."),
    Field("button_name", Words(), "Which button, as register-now (buttonName)."),
)
_OF_CUSTOM = (
    Field("name", Words("a name"), "What happened, in your own words.", required=True),
    Field("number", Whole(1, 2**31 - 1), "The event type that analytics.trackEvent knows it by; without one it stays."),
    Field("fields", Pairs(), "What else there is to say, as names and texts."),
)

_ENTRY_NAME = Field("entry_name", Words(), "The entry's name, for people.")
_CATEGORY = (
    Field("category_id", Words("an id"), "The gallery or channel, by its number at Kaltura.", required=True),
    Field("category_name", Words(), "Its name, for people."),
)
_OF_ENTRIES = (MARK, replace(_ENTRY, required=True), _USER, _ENTRY_NAME)
_OF_PORTALS: dict[PortalDeed, tuple[Field, ...]] = {
    PortalDeed.CATEGORY_VIEW: (*_CATEGORY, MARK, _USER),
    PortalDeed.LOGIN: (MARK, replace(_USER, required=True)),
    PortalDeed.ENTRY_LIKE: _OF_ENTRIES,
    PortalDeed.ENTRY_COMMENT: (
        *_OF_ENTRIES,
        Field("comment", Words("the comment", VALUE_LENGTH), "What was said; leave it out where it is private."),
    ),
    PortalDeed.ENTRY_UPLOAD: _OF_ENTRIES,
    PortalDeed.ENTRY_UNLISTED: _OF_ENTRIES,
    PortalDeed.ENTRY_PUBLISH: (*_OF_ENTRIES, *(replace(field, required=False) for field in _CATEGORY)),
    PortalDeed.ENTRY_COLLABORATOR: (
        *_OF_ENTRIES,
        Field("collaborator", Words("an id of a user"), "Who was made a co-editor of the entry.", required=True),
    ),
    PortalDeed.CAPTURE_SPACE_LAUNCH: (MARK, _USER),
    PortalDeed.CAPTURE_LAUNCH: (MARK, _USER),
}
"""What a portal's user does, with the fields that the event has no meaning without."""

TYPES: dict[str, tuple[Field, ...]] = {
    PAGE: (*_OF_PLACES, *_OF_ALL),
    BUTTON: (*_OF_PLACES, *_OF_ALL),
    CUSTOM: (*_OF_CUSTOM, *_OF_ALL),
    **{deed.value: _OF_ALL for deed in Deed},
    **{deed.value: fields for deed, fields in _OF_PORTALS.items()},
    **{command.value: (MARK,) for command in VisitCommand},
}

# Names that Kaltura's own interface has for our fields, where their spelling alone does not lead there.
ALIASES = {"kalturaapplication": "application", "eventtype": "type", "event": "type"}


def shown(value: object) -> str:
    """A value as an answer may quote it: short, masked, and sayable in UTF-8."""
    return _UNFIT.sub("�", quoted(value))


def readable(name: str) -> str:
    """The name of a field as an answer may repeat it: sayable in UTF-8, and no longer than a name is."""
    return _UNFIT.sub("�", name[:QUOTED_LENGTH])
