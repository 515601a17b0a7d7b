"""What the kiosk's own application tells: facts about a visitor that no player can know.

Contract: values only. An activity is not of the tracker; it comes through the local socket, stands in the log among the
tracker's events and is projected by each sink into its own words, or into nothing.
Rules: `at` is a boot-time second. Whose it is (visitor's context, session, entry) stands in the record's attribution:
an activity that concerns the playback on the screen has that session's, everything else a session of its own.
Reasons: the guide's sections 5.1 (dialogs and clicks) and 6 (page loads, button clicks); xapi-guide, "xAPI events sent
by Kaltura" (what a portal's user does); decisions 1, 5.
"""

from dataclasses import dataclass
from enum import Enum

from agent.kernel.events import Playhead

NOWHERE = Playhead()


class Deed(Enum):
    """What a visitor can do with a medium, beside watching it."""

    EDIT_OPENED = "edit-opened"
    SHARE_OPENED = "share-opened"
    DOWNLOAD_OPENED = "download-opened"
    REPORT_OPENED = "report-opened"
    FULLSCREEN_OPENED = "fullscreen-opened"
    FULLSCREEN_CLOSED = "fullscreen-closed"
    UPLOAD_OPENED = "upload-opened"
    PUBLISHED = "published"
    EDITOR_CLOSED = "editor-closed"
    BUMPER_CLICKED = "bumper-clicked"
    PREROLL_CLICKED = "preroll-clicked"
    MIDROLL_CLICKED = "midroll-clicked"
    POSTROLL_CLICKED = "postroll-clicked"
    OVERLAY_CLICKED = "overlay-clicked"
    RELATED_CLICKED = "related-clicked"


class PortalDeed(Enum):
    """What a user does in a portal, in the words of Kaltura's xAPI guide."""

    CATEGORY_VIEW = "categoryView"
    LOGIN = "login"
    ENTRY_LIKE = "entryLike"
    ENTRY_COMMENT = "entryComment"
    ENTRY_UPLOAD = "entryUpload"
    ENTRY_UNLISTED = "entryUnlisted"
    ENTRY_PUBLISH = "entryPublish"
    ENTRY_COLLABORATOR = "entryCollaborator"
    CAPTURE_SPACE_LAUNCH = "captureSpaceLaunch"
    CAPTURE_LAUNCH = "kalturaCaptureLaunch"


@dataclass(frozen=True, slots=True)
class Told:
    """What all activities have."""

    at: float


@dataclass(frozen=True, slots=True)
class Engaged(Told):
    """A visitor did something with a medium. `head`: where its playback stood; empty where none is on the screen."""

    deed: Deed
    head: Playhead = NOWHERE


@dataclass(frozen=True, slots=True)
class PageViewed(Told):
    """A page or view was loaded (the guide's 6.1 and 6.2). Texts are passed on as the application gave them."""

    application: str | None = None
    page_type: str | None = None
    page_name: str | None = None
    button_type: str | None = None
    button_name: str | None = None


@dataclass(frozen=True, slots=True)
class ButtonClicked(Told):
    """A user clicked something; fields as in `PageViewed`."""

    application: str | None = None
    page_type: str | None = None
    page_name: str | None = None
    button_type: str | None = None
    button_name: str | None = None


@dataclass(frozen=True, slots=True)
class Custom(Told):
    """Anything else: `name` for people and for destinations that know it, `number` the event type of trackEvent."""

    name: str
    number: int | None = None
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class PortalUsed(Told):
    """A user did something in a portal. The entry that it is about, and who did it, stand in the record's attribution.

    `collaborator`: the user who was made a co-editor of the entry.
    """

    portal_deed: PortalDeed
    category_id: str | None = None
    category_name: str | None = None
    entry_name: str | None = None
    comment: str | None = None
    collaborator: str | None = None


Activity = Engaged | PageViewed | ButtonClicked | Custom | PortalUsed
