"""/config show and test-mode: all settings of a server, and who earns while it is tried out."""

from typing import Annotated

from pydantic import Field

from shared.discord.reply import Reply
from shared.features.settings.pages import section_reply, settings_reply
from shared.features.settings.sections import EVERYBODY_HAS_IT, TEST_MODE
from shared.interactions.interaction import Interaction
from shared.interactions.options import Role
from shared.interactions.outcomes import declare
from shared.interactions.registry import Level, command

TestMode = Annotated[bool, Field(description="On or off")]
Tester = Annotated[Role, Field(description="Whose members earn while it is on; default: only admins do")]


@command("config show", requires=Level.FULL_ADMIN)
def show(interaction: Interaction) -> Reply:
    """Show all settings of this server, and what changes them."""
    return settings_reply(interaction.rpc("get_settings"))


@command("config test-mode", requires=Level.FULL_ADMIN)
def set_test_mode(interaction: Interaction, enabled: TestMode, role: Tester | None = None) -> Reply:
    """Try Resonance out: while it is on, only admins and testers earn."""
    return section_reply(TEST_MODE, interaction.rpc("set_test_mode", enabled=enabled, role_id=role))


declare(
    {
        "everyone_no_tester": lambda _: (
            f"{EVERYBODY_HAS_IT} To let everybody earn, switch test mode off with `/config test-mode enabled:False`."
        ),
    }
)
