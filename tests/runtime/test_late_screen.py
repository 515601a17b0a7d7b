"""A television that is switched on after the kiosk."""

import attrs

from agent.config.player import Headless, HostMode, Player, Source
from agent.player.hostoptions import HostOptions
from agent.player.keeper import RestartRules
from agent.runtime.late_screen import LOOK_EVERY_S, LateScreen


class World:
    """The settings, the screen, and how often the player was started anew."""

    def __init__(self, settings: Player, *, screen: bool) -> None:
        self.settings = settings
        self.screen = screen
        self.restarts = 0
        self.at = 100.0
        self.watch = LateScreen(lambda: self.settings, self, lambda: self.screen)

    def reconfigure(self, _options: HostOptions, _rules: RestartRules) -> None:
        self.restarts += 1

    def pass_by(self, seconds: float) -> int:
        """Let time pass; how often the player was started anew by now."""
        until = self.at + seconds
        while self.at < until:
            self.watch.look(self.at)
            self.at += 0.5
        return self.restarts


def test_screen_that_comes_later_has_the_player_started_again_once() -> None:
    """Else the kiosk plays into nothing until somebody restarts it."""
    world = World(Player(), screen=False)
    assert 0 == world.pass_by(3600)
    world.screen = True
    assert 1 == world.pass_by(2 * LOOK_EVERY_S)
    world.screen = False
    world.pass_by(60)
    world.screen = True
    assert 1 == world.pass_by(60), "a player with outputs is agent.player.frozen's"


def test_player_that_had_its_screen_at_the_start_is_left_alone() -> None:
    """And so is one whose outputs somebody decided, that is a service of its own, or that is not ours."""
    assert 0 == World(Player(), screen=True).pass_by(60)
    decided = (Player(headless=Headless.ALWAYS), Player(headless=Headless.NEVER))
    for settings in (*decided, Player(host=HostMode.UNIT), Player(source=Source.MPRIS)):
        world = World(settings, screen=False)
        world.pass_by(60)
        world.screen = True
        assert 0 == world.pass_by(60)


def test_player_of_other_settings_is_asked_about_anew() -> None:
    """It was started while the television was off."""
    world = World(Player(), screen=True)
    world.pass_by(60)
    world.screen = False
    world.settings = attrs.evolve(world.settings, volume=5)
    world.pass_by(60)
    world.screen = True
    assert 1 == world.pass_by(60)
