"""Which Kaltura entry a medium belongs to.

Contract: pure. `entry_for` is given the medium's address, what the playlist item says, the rules and the text of the
sidecar (read by whoever has the file), and answers the entry and how it was found.
Rules, the most deliberate statement first: the item's own `entry_id`; an entry named in a Kaltura URL (playManifest and
every other `/p/…/entryId/…` form); the sidecar, a text file `<media file>.entry` whose first line that is neither empty
nor a `#` comment is the entry id; the pattern on the file's name. A sidecar that holds no entry id stops the search,
for a guess from the name would report the play under an entry that somebody tried to change.
Media without an entry are played and not reported.
Source: kaltura.md section 1 (entryId at most 20 characters).
"""

import re
from dataclasses import dataclass
from enum import Enum
from urllib.parse import parse_qs, unquote, urlsplit

SIDECAR_SUFFIX = ".entry"
ENTRY_ID_LENGTH = 20
# The first group is the entry id. Letters and digits may not touch it, so that 10_abcd12345 is not taken for one.
DEFAULT_FILE_PATTERN = r"(?<![0-9A-Za-z])([0-9]_[0-9a-z]{8})(?![0-9A-Za-z])"

# A pattern is matched against this much of a name: longer names do not exist, and a bad pattern stays cheap.
_NAME_LENGTH = 255
_VALID = re.compile(r"[0-9A-Za-z]+(?:_[0-9A-Za-z]+)?")
_USUAL = re.compile(r"[0-9]_[0-9a-z]{8}")
_URL_PATH = re.compile(r"/p/\d+/(?:[^/]+/)*?(?:entryId|entry_id)/(?P<entry>[^/]+)")


class How(Enum):
    """Which rule found the entry."""

    ITEM = "item"
    URL = "url"
    SIDECAR = "sidecar"
    FILE_NAME = "file name"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class EntryRules:
    """`file_pattern`: a regular expression on the file's name, "" for none; `use_sidecar`: whether sidecars count."""

    file_pattern: str = DEFAULT_FILE_PATTERN
    use_sidecar: bool = True


@dataclass(frozen=True, slots=True)
class EntryMatch:
    """`how` names the rule that decided; `entry_id` None with SIDECAR or URL: it named something that cannot be one."""

    entry_id: str | None
    how: How


def is_entry_id(text: str) -> bool:
    """Whether the server would take `text` as an entry id: letters, digits and one underscore, at most 20 in all."""
    return len(text) <= ENTRY_ID_LENGTH and _VALID.fullmatch(text) is not None


def is_usual_entry_id(text: str) -> bool:
    """Whether `text` looks like the ids of today's Kaltura, as 0_abcd1234 does; old ones may look otherwise."""
    return _USUAL.fullmatch(text) is not None


def entry_for(uri: str, item_entry_id: str | None, rules: EntryRules, sidecar_text: str | None) -> EntryMatch:
    """The entry of the medium at `uri`; `sidecar_text` None: there is no sidecar."""
    if item_entry_id is not None:
        return EntryMatch(item_entry_id, How.ITEM)
    address = urlsplit(uri)
    if address.scheme in ("http", "https"):
        named = _in_url(address.path, address.query)
        if named is not None:
            return _checked(named, How.URL)
    if rules.use_sidecar and sidecar_text is not None:
        return _checked(_first_line(sidecar_text), How.SIDECAR)
    if rules.file_pattern:
        name = unquote(address.path).rsplit("/", 1)[-1][:_NAME_LENGTH]
        found = re.search(rules.file_pattern, name)
        if found is not None:
            entry = found.group(1) if found.re.groups else found.group()
            if entry and is_entry_id(entry):
                return EntryMatch(entry, How.FILE_NAME)
    return EntryMatch(None, How.NONE)


def _in_url(path: str, query: str) -> str | None:
    found = _URL_PATH.search(path)
    if found is not None:
        return unquote(found["entry"])
    if not re.match(r"/p/\d+/", path):
        return None
    parameters = parse_qs(query)
    return next((parameters[name][0] for name in ("entryId", "entry_id") if name in parameters), None)


def _checked(text: str, how: How) -> EntryMatch:
    return EntryMatch(text if is_entry_id(text) else None, how)


def _first_line(text: str) -> str:
    lines = (line.strip() for line in text.lstrip("\ufeff").splitlines())
    return next((line for line in lines if line and not line.startswith("#")), "")
