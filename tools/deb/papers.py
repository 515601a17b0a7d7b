"""What comes with the program to be read: manual, changelog, licences, bill of materials, example, completion.

Contract: `lay_papers(tree, ...)` puts them into a Tree and answers the SBOM, which also stands beside the package.
Rules: all of it is made from the sources at the build; none of it is edited for the package.
"""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from agent.config.example import example_text
from agent.config.schema import schema_text
from tools.deb import history
from tools.deb.completion import completions
from tools.deb.layout import LIBRARIES, ROOT
from tools.deb.licences import Library, copyright_text
from tools.deb.lock import Pin
from tools.deb.manual import pages
from tools.deb.sbom import sbom
from tools.deb.tree import Tree

DOC = "/usr/share/doc/kiosk-agent"
SBOM = "sbom.spdx.json"
_SCHEMA = "/usr/share/kiosk-agent/schema.json"


def lay_papers(
    tree: Tree, libraries: Mapping[Pin, tuple[Library, Path]], *, version: str, maintainer: str, epoch: int
) -> str:
    """Everything that is read and not run."""
    page = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    tree.put_packed(f"{DOC}/NEWS", page)
    changes = history.changelog(page, version=version, maintainer=maintainer, epoch=epoch)
    tree.put_packed(f"{DOC}/changelog", changes)
    tree.put(f"{DOC}/copyright", copyright_text([library for library, _ in libraries.values()], LIBRARIES))
    overrides = (ROOT / "tools" / "deb" / "lintian-overrides").read_text(encoding="utf-8")
    tree.put("/usr/share/lintian/overrides/kiosk-agent", overrides)
    tree.put(_SCHEMA, schema_text())
    # An editor finds the schema by the example's first line, wherever the file is copied to.
    example = example_text().replace("#:schema ./schema.json", f"#:schema {_SCHEMA}", 1)
    tree.put(f"{DOC}/examples/agent.example.toml", example)
    for place, text in pages(version, epoch).items():
        tree.put_packed(place, text)
    for place, text in completions().items():
        tree.put(place, text)
    listed = {
        pin: (library, wheel.name, sha256(wheel.read_bytes()).hexdigest())
        for pin, (library, wheel) in libraries.items()
    }
    bill = sbom(listed, version=version, epoch=epoch)
    tree.put(f"{DOC}/{SBOM}", bill)
    return bill
