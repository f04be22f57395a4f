"""/config role-bonus and admin-roles: what a role earns more, and what its members may do."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from shared.discord.reply import Reply
from shared.features.settings import section_reply
from shared.interactions.interaction import Interaction
from shared.interactions.options import Role, configured, mentioned
from shared.interactions.registry import Level, OptionKind, command, group
from shared.text import settings as words
from shared.text.sentences import LEVELS

group("config role-bonus", "What members with a role earn more")
group("config admin-roles", "Which roles may use the commands for admins")

_BY_NAME = {name: level for level, name in LEVELS.items()}
_REMOVABLE = "Which role: pick its number, or type @ and its name"


def bonus_choices(interaction: Interaction, typed: str) -> list[tuple[str, str]]:
    """The roles that have a bonus, as far as they fit what was typed."""
    settings = interaction.rpc("get_settings").get("after", {})
    return configured([(words.bonus_choice(b), b["role"]) for b in settings.get("role_bonuses", [])], typed)


def admin_role_choices(interaction: Interaction, typed: str) -> list[tuple[str, str]]:
    """The roles that have a level, as far as they fit what was typed."""
    settings = interaction.rpc("get_settings").get("after", {})
    return configured([(words.admin_role_choice(r), r["role"]) for r in settings.get("admin_roles", [])], typed)


def _exact(value: float) -> float:
    if round(value, 2) != value:
        raise ValueError("may have at most two decimals")
    return value


Multiplier = Annotated[
    float, AfterValidator(_exact), Field(description="Multiplies every reward, 1 to 5; the highest counts", ge=1, le=5)
]
Flat = Annotated[
    float,
    AfterValidator(_exact),
    Field(description="RSNC on top of every reward, 0 to 1,000; the highest counts", ge=0, le=1_000),
]
# Autocomplete rather than an option for roles: that one offers no role that was deleted in Discord.
BonusRole = Annotated[
    str,
    Field(description=_REMOVABLE, min_length=1, max_length=100),
    AfterValidator(mentioned),
    OptionKind(complete=bonus_choices),
]
AdminRole = Annotated[
    str,
    Field(description=_REMOVABLE, min_length=1, max_length=100),
    AfterValidator(mentioned),
    OptionKind(complete=admin_role_choices),
]
LevelName = Annotated[
    Literal["full admin", "event manager", "perk manager", "viewer"], Field(description="What its members may do")
]


@command("config role-bonus set", requires=Level.FULL_ADMIN)
def set_bonus(
    interaction: Interaction, role: Role, multiplier: Multiplier | None = None, flat: Flat | None = None
) -> Reply:
    """Give a role a bonus; what you leave out stays."""
    result = interaction.rpc("set_role_bonus", role_id=role, multiplier=multiplier, flat=flat)
    return section_reply(words.ROLE_BONUSES, result)


@command("config role-bonus remove", requires=Level.FULL_ADMIN)
def remove_bonus(interaction: Interaction, role: BonusRole) -> Reply:
    """Take a role's bonus away."""
    return section_reply(words.ROLE_BONUSES, interaction.rpc("remove_role_bonus", role_id=role))


@command("config admin-roles set", requires=Level.FULL_ADMIN)
def set_level(interaction: Interaction, role: Role, level: LevelName) -> Reply:
    """Let everybody with a role use commands for admins."""
    return section_reply(words.ADMIN_ROLES, interaction.rpc("set_admin_role", role_id=role, level=_BY_NAME[level]))


@command("config admin-roles remove", requires=Level.FULL_ADMIN)
def remove_level(interaction: Interaction, role: AdminRole) -> Reply:
    """Take a role's level away."""
    return section_reply(words.ADMIN_ROLES, interaction.rpc("remove_admin_role", role_id=role))
