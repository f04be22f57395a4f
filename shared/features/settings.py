"""/config show and test-mode: all settings of a server, and who earns while it is tried out."""

from typing import Annotated

from pydantic import Field

from shared.discord.reply import Reply, embed, message_payload, private, private_message
from shared.format import Facts
from shared.interactions.interaction import Interaction
from shared.interactions.options import Role
from shared.interactions.registry import Level, command
from shared.text import settings as words

TestMode = Annotated[bool, Field(description="On or off")]
Tester = Annotated[Role, Field(description="Whose members earn while it is on; default: only admins do")]


def section_reply(section: words.Section, result: Facts) -> Reply:
    """A section of the settings as it is now, and what it was before a change; or why nothing has changed."""
    if "after" not in result:
        return private(words.said(result))
    shown = embed(section.title, words.section_page(section, result))
    return private_message(message_payload(embeds=[shown]))


@command("config show", requires=Level.FULL_ADMIN)
def show(interaction: Interaction) -> Reply:
    """Show all settings of this server, and what changes them."""
    result = interaction.rpc("get_settings")
    if "after" not in result:
        return private(words.said(result))
    return private_message(message_payload(embeds=[embed(words.SETTINGS_TITLE, words.settings_page(result))]))


@command("config test-mode", requires=Level.FULL_ADMIN)
def set_test_mode(interaction: Interaction, enabled: TestMode, role: Tester | None = None) -> Reply:
    """Try Resonance out: while it is on, only admins and testers earn."""
    return section_reply(words.TEST_MODE, interaction.rpc("set_test_mode", enabled=enabled, role_id=role))
