"""`tools/build-deb`: makes kiosk-agent_<version>_all.deb.

Contract: `build(...)` writes the package and answers its path; `main` is the command. Exit status 0 built, 1 it
could not be built (the reason is on standard error), 2 wrong usage.
Rules: all is laid into a temporary folder; what is written elsewhere is the package, its SBOM and the wheels.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from agent.kernel.release import VERSION
from agent.outbox.schema import SCHEMA
from tools.deb import control, layout, lock, pack, wheels
from tools.deb.failure import BuildError
from tools.deb.licences import about
from tools.deb.papers import SBOM, lay_papers
from tools.deb.release import debian_version, epoch
from tools.deb.tree import Tree

ROOT = Path(__file__).resolve().parents[2]
# Whoever publishes packages names themselves: --maintainer, or DEBFULLNAME and DEBEMAIL as Debian's own tools read.
NOBODY = "kiosk-agent maintainers <maintainers@kiosk-agent.example>"


def build(output: Path, wheelhouse: Path, *, maintainer: str, when: int) -> Path:
    """Build the package into the folder `output`."""
    version = debian_version(VERSION)
    pins = lock.packaged(lock.LOCK.read_text(encoding="utf-8"))
    carried = wheels.fetch(pins, wheelhouse)
    name = f"{control.PACKAGE}_{version}_all"
    with tempfile.TemporaryDirectory(prefix="kiosk-agent-deb-") as folder:
        tree = Tree(Path(folder) / "root")
        tree.root.mkdir()
        layout.lay_program(tree)
        target = tree.at(layout.LIBRARIES)
        libraries = {pin: (about(target / wheels.unpack(wheel, target)), wheel) for pin, wheel in carried.items()}
        layout.lay_units(tree)
        bill = lay_papers(tree, libraries, version=version, maintainer=maintainer, epoch=when)
        text = control.control(version=version, maintainer=maintainer, size_kib=pack.size_kib(tree))
        scripts = control.scripts(
            version=version,
            schema=SCHEMA,
            units=_names(tree, "/usr/lib/systemd/system"),
            sysusers=_names(tree, "/usr/lib/sysusers.d"),
            tmpfiles=_names(tree, "/usr/lib/tmpfiles.d"),
        )
        package = pack.pack(tree, text, scripts, output / f"{name}.deb", when)
    (output / f"{name}.{SBOM}").write_text(bill, encoding="utf-8")
    return package


def _names(tree: Tree, place: str) -> list[str]:
    return sorted(path.name for path in tree.at(place).glob("*") if path.is_file())


def main(arguments: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="tools/build-deb", description="Build kiosk-agent's Debian package.")
    parser.add_argument("--output", type=Path, default=ROOT / "dist", metavar="DIR", help="where it goes (dist)")
    parser.add_argument(
        "--wheels",
        type=Path,
        default=ROOT / "build" / "wheels",
        metavar="DIR",
        help="where the libraries' wheels are kept (build/wheels)",
    )
    parser.add_argument(
        "--maintainer", default=_maintainer(), metavar="NAME <ADDRESS>", help="who publishes the package"
    )
    chosen = parser.parse_args(arguments)
    try:
        when = epoch(os.environ)
        package = build(chosen.output.absolute(), chosen.wheels.absolute(), maintainer=chosen.maintainer, when=when)
    except (BuildError, OSError) as error:
        print(f"tools/build-deb: {error}", file=sys.stderr)
        return 1
    print(package)
    return 0


def _maintainer() -> str:
    name, address = os.environ.get("DEBFULLNAME"), os.environ.get("DEBEMAIL")
    return f"{name} <{address}>" if name and address else NOBODY
