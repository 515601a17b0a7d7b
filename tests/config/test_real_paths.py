"""Where a path really leads."""

from pathlib import Path

import pytest

from agent.config.real_paths import is_below, real_folders


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A media folder, with a secret beside it."""
    (tmp_path / "secret").write_text("x")
    folder = tmp_path / "media"
    (folder / "sub").mkdir(parents=True)
    (folder / "clip.mp4").touch()
    return folder


def found(path: Path | str, *roots: Path) -> bool:
    return is_below(str(path), real_folders([str(each) for each in roots]))


def test_what_lies_below_is_below(root: Path) -> None:
    """Also what is not there yet: it may come with the next synchronisation."""
    for path in ("clip.mp4", "sub/../clip.mp4", "not/there/yet.mp4", "sub/./x", "..mp4", ""):
        assert found(root / path, root)
    assert found(f"{root}//sub//x", root)
    assert found("/any", Path("/"))


def test_what_climbs_out_is_not(root: Path) -> None:
    """The oldest trick."""
    for path in ("../secret", "sub/../../secret", "not/there/../../../secret", ".."):
        assert not found(f"{root}/{path}", root)
    assert not found(f"{root}-private/x", root)
    assert not found("/etc/shadow", root)
    assert not found(root / "clip.mp4")


def test_link_out_of_the_folder_is_followed(root: Path) -> None:
    """A link that somebody once put there must not open the whole disk to documents."""
    (root / "link").symlink_to(root.parent)
    (root / "file").symlink_to(root.parent / "secret")
    (root / "inside").symlink_to(root / "sub")
    for path in ("link/secret", "link", "file", "link/not-there"):
        assert not found(root / path, root)
    assert found(root / "inside/x", root)
    # The link leads up, and the `..` behind it further up; tidied away, it would seem to stay inside.
    assert not found(f"{root}/link/../x", root)
    # And the other way round: to the kernel this is inside, and outside to a program that tidies first.
    (root.parent / "deep").symlink_to(root / "sub")
    assert not found(f"{root.parent}/deep/../clip.mp4", root)


def test_folder_that_is_a_link_itself_is_where_it_leads(root: Path) -> None:
    """/srv/media is a link to the data partition on many a kiosk."""
    link = root.parent / "srv"
    link.symlink_to(root)
    assert found(link / "clip.mp4", link)
    assert found(root / "clip.mp4", link)


def test_path_that_cannot_be_followed_is_not_below(root: Path) -> None:
    """Nothing raises: the path is a stranger's."""
    (root / "loop").symlink_to(root / "loop")
    assert not found(f"{root}/\0", root)
    assert not found("\ud800", root)
    assert () == real_folders(["\0"])
    found(root / "loop/x", root)
    found(f"{root}/{'x' * 5000}", root)
