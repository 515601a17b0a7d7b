"""Manual pages as man(7) wants them, from plain words.

Contract: `escape` makes text harmless; `paragraphs` lays out a docstring as click does; `Page` collects a page's lines.
Rules: nothing that is given is taken as markup, but for `code` between backquotes, which is set in bold. Paths,
options and settings keep their ASCII hyphen, so that what is copied from a page works.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from inspect import cleandoc

_VERBATIM = "\b"
_CODE = re.compile(r"`([^`]+)`")
_UNBROKEN = re.compile(r"[0-9A-Za-z]{60,}")
"""A word that no line of a terminal 80 wide has room for, such as a checksum."""


def escape(text: str) -> str:
    """`text` on lines of roff that show it as it is."""
    safe = text.replace("\\", r"\e").replace("-", r"\-")
    return "\n".join(rf"\&{line}" if line[:1] in (".", "'") else line for line in safe.split("\n"))


def prose(text: str) -> str:
    """A paragraph: white space is as one blank, what is between backquotes is bold, and long words may be broken."""
    shown = _CODE.sub(r"\\fB\1\\fR", escape(" ".join(text.split())))
    return _UNBROKEN.sub(lambda word: r"\:".join(re.findall(".{1,32}", word[0])), shown)


class Page:
    """One page; `text()` is what stands in the file."""

    def __init__(self, title: str, section: int, epoch: int, version: str) -> None:
        day = datetime.fromtimestamp(epoch, UTC).date().isoformat()
        book = {1: "Commands", 5: "File formats"}[section]
        # No hyphenation: names would be cut.
        self._lines = [
            rf'.TH {escape(title.upper())} {section} "{escape(day)}" "kiosk\-agent {escape(version)}" "{book}"',
            ".nh",
            ".ad l",
        ]

    def section(self, title: str) -> None:
        self._lines.append(f'.SH "{escape(title)}"')

    def below(self, title: str) -> None:
        self._lines.append(f'.SS "{escape(title)}"')

    def say(self, *texts: str) -> None:
        """Paragraphs of prose."""
        for text in texts:
            self._lines += [".PP", prose(text)]

    def lay(self, docstring: str) -> None:
        """A docstring's paragraphs; one that begins with a backspace keeps its lines, as click has it."""
        for paragraph in paragraphs(docstring):
            if paragraph.startswith(_VERBATIM):
                shown = escape(paragraph.removeprefix(_VERBATIM).strip("\n"))
                self._lines += [".PP", ".nf", ".RS 4", shown, ".RE", ".fi"]
            else:
                self.say(paragraph)

    def lines(self, lines: Iterable[str]) -> None:
        """Lines as they are to be typed."""
        self._lines += [".PP", ".nf", *(rf"\fB{escape(line)}\fR" for line in lines), ".fi"]

    def terms(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Words, each with what it means."""
        for word, meaning in pairs:
            self._lines += [".TP", rf"\fB{escape(word)}\fR", prose(meaning) or r"\&"]

    def text(self) -> str:
        return "\n".join([*self._lines, ""])


def paragraphs(docstring: str) -> list[str]:
    """What is divided by empty lines; a form feed ends what is for readers of help."""
    return [each for each in re.split(r"\n\s*\n", cleandoc(docstring.partition("\f")[0])) if each.strip()]
