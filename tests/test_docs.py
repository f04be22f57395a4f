"""README's tables name what there is."""

import re

from shared.interactions.registry import REGISTRY, Level
from tests import ROOT

README = ROOT / "README.md"
WHO = {
    Level.MEMBER: "members",
    Level.VIEWER: "viewers",
    Level.PERK_MANAGER: "perk managers",
    Level.EVENT_MANAGER: "event managers",
    Level.FULL_ADMIN: "full admins",
}


def table() -> dict[str, str]:
    """The commands of the table, and who may use them."""
    return dict(re.findall(r"^\| `/([a-z0-9 -]+)` \| ([a-z ]+) \|", README.read_text(), re.MULTILINE))


def test_every_command_is_in_the_table_with_who_may_use_it() -> None:
    assert table() == {path: WHO[command.requires] for path, command in REGISTRY.commands.items()}
