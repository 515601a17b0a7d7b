"""Application events: the guide's section 6."""

from dataclasses import replace

import pytest

from agent.kernel.activity import ButtonClicked, Custom, PageViewed
from agent.sinks.track_event import application
from tests.support.playback import owner

NOBODY = replace(owner(entry_id=None), session_id="")


def told(
    event: PageViewed | ButtonClicked | Custom, *, who: object = NOBODY, name: str | None = None
) -> dict[str, str]:
    """The fields of its message."""
    found = application.fields(event, who, application=name)  # type: ignore[arg-type]
    assert found is not None
    return dict(found[1])


def test_a_page_load_is_the_guides() -> None:
    """Section 6.3: what reports of an events portal are made of."""
    page = PageViewed(1.0, application="events-portal", page_type="lobby", page_name="main-lobby")
    expected = {
        "eventType": "10003",
        "partnerId": "102",
        "kalturaApplication": "events-portal",
        "pageType": "lobby",
        "pageName": "main-lobby",
    }
    assert expected == told(page)


def test_a_click_is_the_guides() -> None:
    """Section 6.3; the entry it is about, where there is one."""
    click = ButtonClicked(1.0, page_type="session", button_type="cta", button_name="register-now")
    who = replace(NOBODY, entry_id="0_abcd1234")
    expected = {
        "eventType": "10002",
        "partnerId": "102",
        "entryId": "0_abcd1234",
        "pageType": "session",
        "buttonType": "cta",
        "buttonName": "register-now",
    }
    assert expected == told(click, who=who)


@pytest.mark.parametrize(("expected", "own"), [("portal", None), ("mobile", "mobile")])
def test_the_settings_application_stands_in_for_one_that_is_not_named(expected: str, own: str | None) -> None:
    """A kiosk has one application; it need not say its name each time."""
    assert expected == told(PageViewed(1.0, application=own), name="portal")["kalturaApplication"]
    assert "portal" == told(Custom(1.0, "x", 10_050), name="portal")["kalturaApplication"]


def test_one_visitors_pages_and_plays_share_a_context() -> None:
    """The guide's 12.2: the whole way from the first page to the end of the film."""
    visit = replace(NOBODY, context_id="visit-1", session_id="own-1")
    fields = told(PageViewed(1.0), who=visit)
    assert ("visit-1", "visit-1") == (fields["playbackContext"], fields["sessionId"])
    assert "own-1" == told(PageViewed(1.0), who=replace(visit, context_id=None))["sessionId"]


def test_a_custom_event_has_its_number_and_its_fields() -> None:
    """Whatever else Kaltura's reports know; names for people come along for dead letters."""
    event = Custom(1.0, "quiz-answered", 10_050, (("kalturaApplication", "quiz"), ("answer", "b"), ("empty", "")))
    found = application.fields(event, NOBODY, application="portal")
    assert (
        "quiz-answered",
        {"eventType": "10050", "partnerId": "102", "kalturaApplication": "quiz", "answer": "b"},
    ) == found


def test_a_custom_event_without_a_number_is_nothing_here() -> None:
    """Another destination may know its name; this one counts it as passed over."""
    assert application.fields(Custom(1.0, "quiz-answered"), NOBODY, application=None) is None


@pytest.mark.parametrize(
    "name", ["ks", "ks\n", "partnerId", "eventType", "service", "eventId", "eventIndex", "userId", "playbackContext"]
)
def test_an_application_cannot_speak_for_another_account_or_session(name: str) -> None:
    """A field of its own must not name the account, the event or the session."""
    fields = told(Custom(1.0, "x", 10_050, ((name, "forged"),)))
    assert "forged" not in fields.values()


def test_texts_are_passed_on_but_for_what_breaks_a_line() -> None:
    """Kaltura's own applications send numbers, the guide words: that is between the application and its reports."""
    assert "a, b c" == told(PageViewed(1.0, page_name="a, b\nc"))["pageName"]
