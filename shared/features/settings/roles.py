"""/config role-bonus and admin-roles: what a role earns more, and what its members may do."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from shared.discord.reply import Reply
from shared.features.names import role_names
from shared.features.settings.pages import section_reply
from shared.features.settings.sections import ADMIN_ROLES, EVERYBODY_HAS_IT, ROLE_BONUSES, role_bonus
from shared.format import CHOICE_LIMIT, cut, is_id, role_mention
from shared.interactions.interaction import Interaction
from shared.interactions.options import Role, filter_choices, mentioned, not_mentioned
from shared.interactions.outcomes import Facts, declare
from shared.interactions.problems import WrongValueError
from shared.interactions.registry import Level, OptionKind, command, group

group("config role-bonus", "What members with a role earn more")
group("config admin-roles", "Which roles may use the commands for admins")

_LEVELS = {level.label: level for level in sorted(Level, reverse=True) if level}
_REMOVABLE = "Which role: choose it from the list, or type @ and its name"


def bonus_choices(interaction: Interaction, typed: str) -> list[tuple[str, str]]:
    """The roles that have a bonus and match what was typed."""
    bonuses = interaction.rpc("get_settings").get("after", {}).get("role_bonuses", [])
    names = role_names(interaction) if bonuses else {}
    return filter_choices([(bonus_choice(bonus, names), bonus["role"]) for bonus in bonuses], typed)


def admin_role_choices(interaction: Interaction, typed: str) -> list[tuple[str, str]]:
    """The roles that have a level and match what was typed."""
    roles = interaction.rpc("get_settings").get("after", {}).get("admin_roles", [])
    names = role_names(interaction) if roles else {}
    return filter_choices([(admin_role_choice(role, names), role["role"]) for role in roles], typed)


def _two_decimals(value: float) -> float:
    if round(value, 2) != value:
        raise WrongValueError("{name} may have no more than two decimals.")
    return value


Multiplier = Annotated[
    float,
    AfterValidator(_two_decimals),
    Field(description="Multiplies every reward, 1 to 5; the highest counts", ge=1, le=5),
]
Flat = Annotated[
    float,
    AfterValidator(_two_decimals),
    Field(description="RSNC on top of every reward, 0 to 1,000; the highest counts", ge=0, le=1_000),
]
# Autocomplete instead of an option for roles, which does not offer roles that were deleted in Discord.
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
    Literal[*_LEVELS],  # type: ignore[valid-type]  # mypy wants the names written out a second time
    Field(description="What its members may do"),
]


@command("config role-bonus set", requires=Level.FULL_ADMIN)
def set_bonus(
    interaction: Interaction, role: Role, multiplier: Multiplier | None = None, flat: Flat | None = None
) -> Reply:
    """Give a role a bonus; what you leave out stays."""
    result = interaction.rpc("set_role_bonus", role_id=role, multiplier=multiplier, flat=flat)
    return section_reply(ROLE_BONUSES, result)


@command("config role-bonus remove", requires=Level.FULL_ADMIN)
def remove_bonus(interaction: Interaction, role: BonusRole) -> Reply:
    """Take a role's bonus away."""
    return section_reply(ROLE_BONUSES, interaction.rpc("remove_role_bonus", role_id=role))


@command("config admin-roles set", requires=Level.FULL_ADMIN)
def set_level(interaction: Interaction, role: Role, level: LevelName) -> Reply:
    """Let everybody with a role use commands for admins."""
    return section_reply(ADMIN_ROLES, interaction.rpc("set_admin_role", role_id=role, level=_LEVELS[level]))


@command("config admin-roles remove", requires=Level.FULL_ADMIN)
def remove_level(interaction: Interaction, role: AdminRole) -> Reply:
    """Take a role's level away."""
    return section_reply(ADMIN_ROLES, interaction.rpc("remove_admin_role", role_id=role))


# --- Words


def bonus_choice(bonus: Facts, names: Mapping[str, str]) -> str:
    """A role with a bonus as a suggestion: @VIP: ×2. One that has no name any more is its id."""
    return _role_choice(bonus["role"], names, role_bonus(bonus))


def admin_role_choice(role: Facts, names: Mapping[str, str]) -> str:
    """A role with a level as a suggestion: @Team: viewer."""
    return _role_choice(role["role"], names, Level(role["level"]).label)


def _role_choice(role_id: str, names: Mapping[str, str], suffix: str) -> str:
    return f"{cut(names.get(role_id, role_id), CHOICE_LIMIT - len(suffix) - 2)}: {suffix}"


NO_ROLE = (
    "Nothing has changed: {typed} does not say which role. "
    "Choose one from the list, or type @ and choose the role by its name."
)

declare(
    {
        "role_bonus_unknown": lambda f: (
            f"Nothing has changed: {role_mention(f['role'])} has no bonus. See `/config show`."
            if is_id(f["role"])
            else not_mentioned(NO_ROLE, f["role"])
        ),
        "role_bonus_empty": lambda f: (
            f"Nothing has changed: choose what {role_mention(f['role'])} earns more, "
            "a `multiplier`, a `flat` amount or both."
        ),
        "everyone_without_bonus": lambda _: (
            f"{EVERYBODY_HAS_IT} To pay everybody more, change what the events pay with `/config events edit`."
        ),
        "admin_role_unknown": lambda f: (
            f"Nothing has changed: {role_mention(f['role'])} has no level. See `/config show`."
            if is_id(f["role"])
            else not_mentioned(NO_ROLE, f["role"])
        ),
        "everyone_no_admin": lambda _: (
            f"{EVERYBODY_HAS_IT} Choose a role that only the people have who look after Resonance here."
        ),
    }
)
