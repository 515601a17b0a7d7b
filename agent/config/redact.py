"""What must not be shown of a value: the user and password of a URL, and tokens that ride in its path or query.

Contract: text in, text out; what holds no secret comes back unchanged.
Rules: everything of the configuration that is shown to a person, a log or a broker goes through here. A Kaltura
session may stand in a playManifest path (`/ks/…/`) as well as in a query, so both are covered.
Reasons: a support engineer pastes `config show` into a ticket.
"""

import re

MASK = "***"

# One letter of the scheme is enough, and a search for all of them takes the square of a long address's length.
# The second form is a password with a slash in it, which is no valid URL, but a password all the same.
_CREDENTIALS = re.compile(r"(?P<scheme>[A-Za-z0-9+.-]://)(?:[^/?#\s]*@|[^/?#\s@]*:(?!\d{1,5}(?:[/?#]|$))[^\s@]*@)")
_PATH_TOKEN = re.compile(r"(?P<name>/ks/)[^/?#\s]+")
_QUERY_TOKEN = re.compile(
    r"(?P<name>[?&;#](?:[a-z0-9_-]*(?:token|secret|signature|credential|authsign|api[_-]?key)"
    r"|ks|password|passwd|pass|pwd|key|auth|authorization|jwt|sig|hdn[a-z]+)=)[^&;#\s]*",
    re.IGNORECASE,
)
_SECRET_LINE = re.compile(
    r"^(?P<key>\s*:?[\w\".'-]*(?:secret|token|password|passwd|pwd|ks|key|credential)[\w\".'-]*\s*=\s*).*$",
    re.IGNORECASE,
)


def masked(text: str) -> str:
    """`text` with the credentials and tokens of any URL in it replaced by `***`."""
    text = _CREDENTIALS.sub(rf"\g<scheme>{MASK}@", text)
    text = _PATH_TOKEN.sub(rf"\g<name>{MASK}", text)
    return _QUERY_TOKEN.sub(rf"\g<name>{MASK}", text)


def masked_line(line: str) -> str:
    """One line of a configuration file, fit to be quoted: the value of a key that sounds secret is left out."""
    return masked(_SECRET_LINE.sub(rf"\g<key>{MASK}", line))
