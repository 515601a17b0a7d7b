"""Whose the carried libraries are, and under which terms.

Contract: `about(dist_info)` answers what a library says of itself; `copyright_text(...)` the package's
/usr/share/doc/…/copyright (Debian's machine-readable format) with every licence's text.
Rules: a library without a licence's text ends the build. Texts that every Debian system has are referred to.
"""

import re
from dataclasses import dataclass
from email.parser import Parser
from pathlib import Path

from tools.deb.failure import BuildError

COMMON = "/usr/share/common-licenses"
# The names by SPDX of what the libraries write in words of their own.
_SPDX = {"LGPL-2.1+": "LGPL-2.1-or-later", "Apache License, Version 2.0": "Apache-2.0"}
_TEXTS = re.compile(r"^(LICEN[CS]E|COPYING|NOTICE|edl-|epl-)", re.IGNORECASE)
_HOLDER = re.compile(
    r"^\s*(?:#\s*)?copyright\s+(?:\(c\)\s*|©\s*)?(\d{4}.*|[A-Z][^.]*\d{4}.*)$", re.IGNORECASE | re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Library:
    """One carried library. `files`: what stands beside its dist-info; `texts`: its licence files' names and words."""

    name: str
    version: str
    licence: str
    author: str
    home: str
    files: tuple[str, ...]
    texts: tuple[tuple[str, str], ...]

    def holders(self) -> str:
        """Who holds the copyright, as the licence says; else the author."""
        found = [
            line.strip()
            for _, text in self.texts
            for line in _HOLDER.findall(text)
            if "{" not in line and "[" not in line
        ]
        return "; ".join(dict.fromkeys(found)) or self.author or f"the authors of {self.name}"


def about(dist_info: Path) -> Library:
    """What the library's metadata says."""
    metadata = Parser().parsestr((dist_info / "METADATA").read_text(encoding="utf-8"))
    name, version = metadata["Name"], metadata["Version"]
    said = metadata["License-Expression"] or metadata["License"] or ""
    texts = [path for path in sorted(dist_info.rglob("*")) if path.is_file() and _TEXTS.match(path.name)]
    if not said or not texts:
        raise BuildError(f"{name} {version} comes without a licence: say in tools/deb/licences.py what it is.")
    written = (dist_info / "RECORD").read_text(encoding="utf-8").splitlines()
    tops = {line.split(",")[0].split("/")[0] for line in written}
    author = metadata["Author"] or metadata["Author-email"] or metadata["Maintainer-email"] or ""
    return Library(
        name=name,
        version=version,
        licence=_SPDX.get(said, said),
        author=re.sub(r"\s*<[^>]*>", "", author),
        home=_home(metadata.get_all("Project-URL") or [], metadata["Home-page"]),
        files=tuple(sorted(top for top in tops if not top.endswith(".dist-info"))),
        texts=tuple((path.name, path.read_text(encoding="utf-8")) for path in texts),
    )


def _home(links: list[str], home: str | None) -> str:
    named = [
        link.partition(", ")[2] for link in links if re.match(r"(home|source|repository|github)", link, re.IGNORECASE)
    ]
    return home or next(iter(named), "")


def copyright_text(libraries: list[Library], folder: str) -> str:
    """The page, in Debian's machine-readable format."""
    parts = [
        "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n"
        "Upstream-Name: kiosk-agent\n"
        "Comment: The libraries below stand in the package as they were published; each one's own\n"
        f" licence files lie in its .dist-info folder in {folder}.\n",
        "Files: *\nCopyright: the kiosk-agent contributors\nLicense: Apache-2.0\n",
    ]
    parts += [_stanza(library, folder) for library in libraries]
    parts.append(_common("Apache-2.0", "Apache-2.0"))
    return "\n".join(parts)


def _stanza(library: Library, folder: str) -> str:
    files = "\n ".join(f"{folder.lstrip('/')}/{each}{'' if each.endswith('.py') else '/*'}" for each in library.files)
    words = "\n\n".join(_words(name, text) for name, text in library.texts)
    short = f"{library.licence.replace(' OR ', '-or-')}-{library.name}"
    return (
        f"Files: {files}\nCopyright: {library.holders()}\n"
        f"Comment: {library.name} {library.version}{f', {library.home}' if library.home else ''}\n"
        f"License: {short}\n{_indented(words)}\n"
    )


def _words(name: str, text: str) -> str:
    if "GNU LESSER GENERAL PUBLIC LICENSE" in text:
        return f"{name}: the GNU Lesser General Public License, version 2.1 or later: {COMMON}/LGPL-2.1."
    if "Apache License" in text and "TERMS AND CONDITIONS" in text:
        return f"{name}: the Apache License, version 2.0: {COMMON}/Apache-2.0."
    return f"{name}:\n\n{text.strip()}"


def _common(short: str, file: str) -> str:
    return f"License: {short}\n The whole text stands on every Debian system in {COMMON}/{file}.\n"


def _indented(text: str) -> str:
    return "\n".join(f" {line.rstrip()}" if line.strip() else " ." for line in text.splitlines())
