"""The routes of messages and reactions, which rate limits and rules name as well."""

MESSAGES = "/channels/{channel_id}/messages"
MESSAGE = MESSAGES + "/{message_id}"
REACTIONS = MESSAGE + "/reactions/{emoji_name}"
OWN_REACTION = REACTIONS + "/@me"
