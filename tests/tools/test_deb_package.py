"""The package as a whole: what is in it, and that it is the same bytes wherever it is built."""

import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from agent.kernel.release import VERSION
from tools.deb import layout, lock
from tools.deb.release import debian_version
from tools.deb.sbom import sbom

ROOT = Path(__file__).resolve().parents[2]
SITE = layout.LIBRARIES.lstrip("/")
SOURCES = ("agent", "tools", "systemd", "config", "CHANGELOG.md", "requirements.lock", "pyproject.toml")
EPOCH = "1790000000"

# Each builds the whole package.
pytestmark = pytest.mark.all


def build(root: Path, output: Path, **variables: str) -> Path:
    """The package, built from the sources in `root`."""
    command = [sys.executable, "-B", "-m", "tools.deb", "--output", str(output), "--wheels", str(ROOT / "build/wheels")]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": EPOCH, **variables}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    assert 0 == done.returncode, done.stderr
    return Path(done.stdout.strip())


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT, tmp_path_factory.mktemp("deb"))


@pytest.fixture(scope="module")
def root(built: Path) -> Path:
    """What it would put on a device."""
    folder = built.parent / "root"
    subprocess.run(["dpkg-deb", "--extract", str(built), str(folder)], check=True)
    return folder


def test_name_says_version_and_that_it_is_for_every_machine(built: Path) -> None:
    """One file for a mixed fleet."""
    assert f"kiosk-agent_{debian_version(VERSION)}_all.deb" == built.name


def test_nothing_compiled_and_nothing_of_the_builder_is_in_it(root: Path) -> None:
    """Compiled code runs on one kind of machine; byte code on one Python."""
    files = [path for path in root.rglob("*") if path.is_file() and not path.is_symlink()]
    assert [] == [path for path in files if path.suffix in (".so", ".pyc", ".a", ".o") or "__pycache__" in path.parts]
    assert [] == [path for path in files if path.read_bytes().startswith(b"\x7fELF")]
    assert [] == [path for path in files if str(ROOT).encode() in path.read_bytes()]


def test_modes_and_owners_are_those_of_a_system_file(built: Path) -> None:
    """Files that only root reads would be a kiosk that does not start."""
    listed = subprocess.run(["dpkg-deb", "--contents", str(built)], capture_output=True, text=True, check=True)
    rows = [line.split() for line in listed.stdout.splitlines()]
    assert {"root/root"} == {row[1] for row in rows}
    assert {"drwxr-xr-x", "-rw-r--r--", "-rwxr-xr-x", "lrwxrwxrwx"} == {row[0] for row in rows}
    programs = [f"./usr/bin/kiosk-{name}" for name in ("agent", "attach", "player")]
    assert programs == [row[5] for row in rows if row[0] == "-rwxr-xr-x"]


def test_operators_program_is_not_in_it_and_the_rest_is(root: Path) -> None:
    """kiosk-fleet can steer a fleet: it has no business on a kiosk."""
    agent = root / SITE / "agent"
    assert not (agent / "fleet").exists()
    ours = {path.relative_to(ROOT / "agent") for path in (ROOT / "agent").rglob("*.py") if "fleet" not in path.parts}
    assert ours == {path.relative_to(agent) for path in agent.rglob("*.py")}
    for path in agent.rglob("*.py"):
        assert not re.search(r"^\s*(from|import) agent\.fleet", path.read_text(encoding="utf-8"), re.MULTILINE), path


def test_every_module_can_be_imported_with_what_the_package_carries(root: Path) -> None:
    """A library that was left out, and is needed, is missed on a kiosk at three in the morning."""
    (root / "usr/bin/python3").symlink_to(Path("/usr/bin/python3"))
    modules = [
        ".".join(path.relative_to(root / SITE).with_suffix("").parts) for path in (root / SITE / "agent").rglob("*.py")
    ]
    code = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)\nprint(len(sys.argv))\n"
    python = root / "usr/lib/kiosk-agent/bin/python3"
    variables = {"PYTHON_VLC_LIB_PATH": "libvlc.so.5", "PATH": "/usr/bin:/bin"}
    names = [name.removesuffix(".__init__") for name in modules if not name.endswith("__main__")]
    done = subprocess.run(
        [python, "-B", "-I", "-c", code, *names], env=variables, capture_output=True, text=True, check=False
    )
    assert 0 == done.returncode, done.stderr
    (root / "usr/bin/python3").unlink()


def test_bytes_are_the_same_whoever_builds_it(built: Path, tmp_path: Path) -> None:
    """Anybody can check that a published package was made of the published sources."""
    copy = tmp_path / "somewhere" / "else"
    copy.mkdir(parents=True)
    for name in SOURCES:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, copy / name)
    before = os.umask(0o077)
    try:
        again = build(
            copy, tmp_path / "out", TZ="Pacific/Auckland", LC_ALL="C", HOME=str(tmp_path), TMPDIR=str(tmp_path)
        )
    finally:
        os.umask(before)
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (built, again)]
    assert digests[0] == digests[1]
    bills = [path.with_suffix(".sbom.spdx.json").read_bytes() for path in (built, again)]
    assert bills[0] == bills[1]


def test_bill_of_materials_lists_what_the_lock_holds(built: Path, root: Path) -> None:
    """When a library turns out to have a hole, this says which kiosks have it."""
    text = built.with_suffix(".sbom.spdx.json").read_text(encoding="utf-8")
    assert text == (root / "usr/share/doc/kiosk-agent/sbom.spdx.json").read_text(encoding="utf-8")
    bill = json.loads(text)
    assert "SPDX-2.3" == bill["spdxVersion"]
    pins = {pin.name: pin for pin in lock.packaged(lock.LOCK.read_text(encoding="utf-8"))}
    listed = {each["name"]: each for each in bill["packages"] if each["SPDXID"].startswith("SPDXRef-python-")}
    assert pins.keys() == listed.keys()
    for name, each in listed.items():
        assert pins[name].version == each["versionInfo"]
        assert each["checksums"][0]["checksumValue"] in pins[name].hashes
        assert f"pkg:pypi/{name}@{pins[name].version}" == each["externalRefs"][0]["referenceLocator"]
        assert each["licenseDeclared"] not in ("", "NOASSERTION")
    known = {each["SPDXID"] for each in bill["packages"]} | {"SPDXRef-DOCUMENT"}
    assert {each["relatedSpdxElement"] for each in bill["relationships"]} < known


def test_bill_of_equal_content_has_an_equal_name() -> None:
    """SPDX wants a name of its own for each document; chance would make two builds differ."""
    assert sbom({}, version="1.0", epoch=1) == sbom({}, version="1.0", epoch=1)
    assert sbom({}, version="1.0", epoch=1) != sbom({}, version="1.1", epoch=1)


def test_papers_are_where_debian_has_them(root: Path) -> None:
    """man, tab completion and apt look there and nowhere else."""
    doc = root / "usr/share/doc/kiosk-agent"
    assert "Apache-2.0" in (doc / "copyright").read_text(encoding="utf-8")
    assert gzip.decompress((doc / "changelog.gz").read_bytes()).startswith(b"kiosk-agent (")
    assert (
        (doc / "examples/agent.example.toml").read_text(encoding="utf-8").startswith("#:schema /usr/share/kiosk-agent")
    )
    for page in ("man1/kiosk-agent.1", "man1/kiosk-attach.1", "man1/kiosk-player.1", "man5/kiosk-agent.toml.5"):
        assert (root / "usr/share/man" / f"{page}.gz").exists()
    for name in ("agent", "attach", "player"):
        assert (root / f"usr/lib/systemd/system/kiosk-{name}.service").exists()


def test_every_file_of_the_units_is_installed(root: Path) -> None:
    """A unit or a drop-in that the build overlooks is documented and not there."""
    offered = [path for path in (ROOT / "systemd").rglob("*") if path.suffix in (".service", ".socket", ".conf")]
    installed = {path.name for path in root.rglob("*")}
    assert [] == [path.name for path in offered if path.name not in installed]


@pytest.mark.skipif(shutil.which("lintian") is None, reason="lintian is not installed")
def test_lintian_has_nothing_to_say(built: Path) -> None:
    """Debian's own experience of what goes wrong with packages."""
    command = ["lintian", "--allow-root", "--fail-on", "error,warning", str(built)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (0, "") == (done.returncode, done.stdout)
