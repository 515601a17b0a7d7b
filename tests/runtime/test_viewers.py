"""Under which pseudonym a viewer counts."""

from agent.config.kaltura import UniqueViewer
from agent.runtime.viewers import Viewers

LENGTH_KEPT = 40  # by the server (kaltura.md section 1)


def viewers(policy: UniqueViewer, *, device: str = "device-001", key: str = "key") -> Viewers:
    """Viewers of a kiosk."""
    return Viewers(policy, device, key)


def test_nothing_about_a_viewer_is_said_by_default() -> None:
    """Privacy is the default."""
    assert viewers(UniqueViewer.NONE).of("visit") is None


def test_kiosk_is_one_viewer_in_and_outside_of_visits() -> None:
    """One screen, one viewer, however many walk by."""
    kiosk = viewers(UniqueViewer.DEVICE)
    assert kiosk.of(None) == kiosk.of("visit")
    assert kiosk.of(None) != viewers(UniqueViewer.DEVICE, device="device-002").of(None)


def test_visit_is_one_viewer_and_nobody_outside_of_it() -> None:
    """What plays for nobody in particular is no viewer."""
    kiosk = viewers(UniqueViewer.VISIT)
    assert kiosk.of(None) is None
    assert kiosk.of("a") == kiosk.of("a") != kiosk.of("b")


def test_pseudonym_names_nobody_and_is_kept_whole() -> None:
    """Without this machine's key nobody can tell whose it is, not by trying out all names either."""
    found = viewers(UniqueViewer.DEVICE).of(None)
    assert found is not None
    assert "device-001" not in found
    assert len(found) <= LENGTH_KEPT
    assert found != viewers(UniqueViewer.DEVICE, key="another").of(None)
