"""Permissions in a channel: Discord's bits, and their names in Discord's settings.

https://discord.com/developers/docs/topics/permissions#permissions-bitwise-permission-flags
"""

ADMINISTRATOR = 1 << 3
MANAGE_GUILD = 1 << 5
ADD_REACTIONS = 1 << 6
VIEW_CHANNEL = 1 << 10
SEND_MESSAGES = 1 << 11
EMBED_LINKS = 1 << 14
READ_MESSAGE_HISTORY = 1 << 16
MENTION_EVERYONE = 1 << 17  # and with it every role
CONNECT = 1 << 20
SEND_MESSAGES_IN_THREADS = 1 << 38

# Types of channels.
THREADS = (10, 11, 12)  # announcement thread, public thread, private thread
VOICE_CHANNELS = (2, 13)  # voice, stage: they have a chat
FORUM = 15  # it has posts, which are threads

_NAMES = {
    ADD_REACTIONS: "Add Reactions",
    VIEW_CHANNEL: "View Channel",
    SEND_MESSAGES: "Send Messages",
    SEND_MESSAGES_IN_THREADS: "Send Messages in Threads",
    EMBED_LINKS: "Embed Links",
    READ_MESSAGE_HISTORY: "Read Message History",
    CONNECT: "Connect",
}


def missing(permissions: int, channel_type: int | None) -> list[str]:
    """The names of the permissions that the bot lacks to post in a channel of the type; None where it is unknown."""
    return _lacking(permissions, _to_post(channel_type))


def missing_to_react(permissions: int, channel_type: int | None) -> list[str]:
    """The names of the permissions that the bot lacks to react in a channel of the type, and to read who did."""
    connect = (CONNECT,) if channel_type in VOICE_CHANNELS else ()
    return _lacking(permissions, (VIEW_CHANNEL, *connect, READ_MESSAGE_HISTORY, ADD_REACTIONS))


def missing_to_send(permissions: str | None, channel_type: int | None) -> list[str]:
    """The names of the permissions that a member lacks to send messages in a channel of the type.

    `permissions` are those that Discord computed for the channel; None where it does not say: then nothing is missing.
    """
    granted = ADMINISTRATOR if permissions is None else int(permissions)
    return _lacking(granted, (VIEW_CHANNEL, *_to_send(channel_type)))


def may_mention_every_role(permissions: str | None) -> bool:
    """Whether somebody can mention roles that not everybody may mention; what is unknown gives no right."""
    return bool(int(permissions or 0) & (ADMINISTRATOR | MENTION_EVERYONE))


def _lacking(granted: int, needed: tuple[int, ...]) -> list[str]:
    if granted & ADMINISTRATOR:
        return []
    return [_NAMES[each] for each in needed if not granted & each]


def _to_post(channel_type: int | None) -> tuple[int, ...]:
    """The permissions to post a message with an embed, which may reply to another message."""
    return VIEW_CHANNEL, *_to_send(channel_type), EMBED_LINKS, READ_MESSAGE_HISTORY


def _to_send(channel_type: int | None) -> tuple[int, ...]:
    if channel_type is None:
        return ()
    if channel_type in THREADS:
        return (SEND_MESSAGES_IN_THREADS,)
    return (CONNECT, SEND_MESSAGES) if channel_type in VOICE_CHANNELS else (SEND_MESSAGES,)
