"""What setup asks, in which order, and what an answer makes of the draft.

Contract: pure. `next_question` is what to ask next, None when all is asked; `answer` gives the changed draft, or what
is wrong with the answer, as text; `missing` names what must be answered and is not.
Rules: "" keeps what stands there (or takes the default), "-" leaves it empty. Values are judged by the model's own
kinds, so that setup takes exactly what the file may hold. Of a secret nothing is ever quoted.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Any, Final

from agent.config.kinds import Choice, MisfitError, Whole
from agent.config.model import Settings
from agent.config.plain import plain
from agent.config.problems import Place, Problem
from agent.config.secrets import SECRET_BYTES
from agent.config.session import SessionMode
from agent.config.setting import Setting, walk
from agent.runtime.setup.draft import APP_TOKEN, DEVICE_ID, KS, MODE, PASSWORD, PLAYLIST, SECRET, Draft

NOTHING: Final = "-"
SERVICE_URL: Final = "https://www.kaltura.com/api_v3"

_SETTINGS: Final[Mapping[Place, Setting]] = MappingProxyType(
    {place: each for place, _, each in walk(Settings) if isinstance(each, Setting)}
)
# No number of a setting has more digits, and Python refuses to read thousands of them.
_DIGITS: Final = 20


class Way(Enum):
    """How it is asked: a line, a line that is not shown, or lines until an empty one."""

    LINE = "line"
    HIDDEN = "hidden"
    LINES = "lines"


def _always(_draft: Draft) -> bool:
    return True


def _in_mode(mode: SessionMode) -> Callable[[Draft], bool]:
    return lambda draft: draft.value(MODE) == mode.value


def _reporting(draft: Draft) -> bool:
    return draft.value(("kaltura", "enabled")) is not False


def _with_broker(draft: Draft) -> bool:
    return draft.value(("remote", "url")) is not None


@dataclass(frozen=True, slots=True)
class Question:
    """`option`: what answers it on the command line. `default`: taken where nothing stands there yet.

    `when`: whether it is asked, as far as the answers go. `is_needed`: nothing works without.
    """

    place: Place
    text: str
    option: str
    way: Way = Way.LINE
    default: str | None = None
    is_needed: bool = False
    when: Callable[[Draft], bool] = _always

    @property
    def choices(self) -> tuple[str, ...]:
        """The words that may be answered; none where any text may."""
        entry = _SETTINGS.get(self.place)
        is_choice = entry is not None and isinstance(entry.kind, Choice)
        return tuple(str(each.value) for each in entry.kind.options) if is_choice else ()  # type: ignore[union-attr]


QUESTIONS: Final = (
    Question(
        ("kaltura", "partner_id"),
        "Number of the Kaltura account (partner)",
        "--partner",
        is_needed=True,
        when=_reporting,
    ),
    Question(
        ("kaltura", "service_url"),
        "Kaltura's address",
        "--service-url",
        default=SERVICE_URL,
        is_needed=True,
        when=_reporting,
    ),
    Question(MODE, "How this kiosk logs in", "--session", default=SessionMode.APP_TOKEN.value),
    Question(
        ("kaltura", "session", "app_token_id"),
        "Id of the app token",
        "--app-token-id",
        is_needed=True,
        when=_in_mode(SessionMode.APP_TOKEN),
    ),
    Question(
        APP_TOKEN, "The app token", "--app-token-file", Way.HIDDEN, is_needed=True, when=_in_mode(SessionMode.APP_TOKEN)
    ),
    Question(
        ("kaltura", "session", "app_token_hash"),
        "Hash type of the app token",
        "--app-token-hash",
        default="SHA256",
        when=_in_mode(SessionMode.APP_TOKEN),
    ),
    Question(KS, "The session (KS)", "--ks-file", Way.HIDDEN, is_needed=True, when=_in_mode(SessionMode.KS_FILE)),
    Question(
        SECRET,
        "The account's user secret",
        "--secret-file",
        Way.HIDDEN,
        is_needed=True,
        when=_in_mode(SessionMode.SECRET),
    ),
    Question(DEVICE_ID, "Id of this kiosk (empty: made from the machine)", "--device-id"),
    Question(("device", "name"), "Its name for people", "--name"),
    Question(("device", "site"), "Where it stands", "--site"),
    Question(("remote", "url"), "Address of the MQTT broker (empty: none)", "--broker"),
    Question(("remote", "user"), "User at the broker (empty: the kiosk's id)", "--broker-user", when=_with_broker),
    Question(PASSWORD, "Password at the broker", "--broker-password-file", Way.HIDDEN, when=_with_broker),
    Question(
        ("remote", "ca_file"),
        "File with the broker's certificate authority (empty: the system's)",
        "--broker-ca-file",
        when=_with_broker,
    ),
    Question(PLAYLIST, "What is played", "--play", Way.LINES),
)

BY_OPTION: Final = MappingProxyType({question.option: question for question in QUESTIONS})


def next_question(draft: Draft, asked: Collection[Place]) -> Question | None:
    """What to ask next."""
    return next((each for each in QUESTIONS if each.place not in asked and each.when(draft)), None)


def missing(draft: Draft) -> Iterator[Question]:
    """What must be answered and is not, and has no default. A kiosk that plays without reporting needs no account."""
    for each in QUESTIONS:
        if each.is_needed and each.default is None and each.when(draft) and not draft.has(each.place):
            yield each


def shown_default(question: Question, draft: Draft) -> str:
    """What "" will take, for a person."""
    found = draft.value(question.place)
    if question.way is Way.HIDDEN:
        return "kept" if draft.has(question.place) else ""
    if question.way is Way.LINES:
        number = len(found) if isinstance(found, list) else 0
        return f"{number} as before" if number else ""
    return str(found) if found is not None else question.default or ""


def answer(question: Question, text: str, draft: Draft) -> Draft | str:
    """The draft with the answer in it, or what is wrong with it. Not for `Way.LINES`."""
    text = text.strip()
    if not text:
        return _kept(question, draft)
    is_secret = question.way is Way.HIDDEN
    if text == NOTHING:
        if question.is_needed:
            return "this cannot be left empty"
        return draft.without_secret(question.place) if is_secret else draft.with_value(question.place, None)
    if is_secret:
        fault = secret_fault(text)
        return draft.with_secret(question.place, text) if fault is None else fault
    try:
        return draft.with_value(question.place, _read(_SETTINGS[question.place], text))
    except MisfitError as misfit:
        return str(Problem((), misfit.what, misfit.allowed, misfit.suggestion, misfit.remedy))


def secret_fault(text: str) -> str | None:
    """What keeps `text` from being a secret of one line, or None."""
    if len(text.encode("utf-8", "replace")) > SECRET_BYTES:
        return "this is too long for a secret"
    return None if text.isprintable() and "\ufffd" not in text else "this is not a text of one line"


def _kept(question: Question, draft: Draft) -> Draft | str:
    if draft.has(question.place):
        return draft
    if question.default is not None:
        return draft.with_value(question.place, question.default)
    return "this is needed" if question.is_needed else draft


def _read(entry: Setting, text: str) -> Any:
    is_number = isinstance(entry.kind, Whole) and text.isdecimal() and len(text) <= _DIGITS
    return plain(entry.kind.read(int(text) if is_number else text))
