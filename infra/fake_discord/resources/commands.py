"""Application commands as Discord describes them."""

from infra.fake_discord.contract import Json
from infra.fake_discord.resources.nulls import without_nulls

# The fields that are for global commands alone: a command of one server has these values, whatever it was sent with.
GLOBAL_ALONE: Json = {"contexts": None, "integration_types": [0]}
DEFAULTS: Json = {
    "type": 1,
    "description": "",
    "name_localizations": None,
    "description_localizations": None,
    "default_member_permissions": None,
    "nsfw": False,
    **GLOBAL_ALONE,
}
OPTIONAL = ("required", "autocomplete", "choices", "options")  # left out where they are false or empty


def new_command(command: Json) -> Json:
    """A registered command as Discord describes it, without its ids and version."""
    fields = {**DEFAULTS, **without_nulls(command, OPTIONAL)}
    if fields["default_member_permissions"] is not None:
        fields["default_member_permissions"] = str(fields["default_member_permissions"])
    return fields
