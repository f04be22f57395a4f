"""An application and its bot as Discord describes them."""

from infra.fake_discord.contract import Json
from infra.fake_discord.resources.users import user

# What servers grant the bot: ADD_REACTIONS, VIEW_CHANNEL, SEND_MESSAGES, EMBED_LINKS, READ_MESSAGE_HISTORY,
# SEND_MESSAGES_IN_THREADS
GRANTED = 1 << 6 | 1 << 10 | 1 << 11 | 1 << 14 | 1 << 16 | 1 << 38


def application(application_id: str, public_key: str, url: str | None) -> Json:
    """An application as Discord describes it to its own bot."""
    asked = {"scopes": ["applications.commands", "bot"], "permissions": str(GRANTED)}
    return {
        "id": application_id,
        "name": "Resonance",
        "icon": None,
        "description": "",
        "type": None,
        "bot": user(application_id, "Resonance", bot=True),
        "verify_key": public_key,
        "flags": 0,
        "flags_new": "0",
        "redirect_uris": [],
        "interactions_endpoint_url": url,
        "role_connections_verification_url": None,
        "owner": user("310000000000000006", "Admin"),
        "approximate_guild_count": 1,
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "team": None,
        "eligible_oauth2_scopes": [],
        "integration_types_config": {"0": {"oauth2_install_params": asked}},
    }
