"""/setup check: line by line what is fine, and what to do about the rest."""

from shared.discord.permissions import missing, missing_to_react
from shared.discord.reply import Reply, page
from shared.features.setup.status import connected_to
from shared.format import (
    channel_mention,
    code,
    count,
    cut,
    line,
    listed,
    number,
    role_mention,
    sentences,
    truncate_lines,
)
from shared.interactions.interaction import Interaction
from shared.interactions.outcomes import Facts, page_reply
from shared.interactions.registry import Level, command

TITLE = "How this server is set up"


@command("setup check", requires=Level.FULL_ADMIN)
def check(interaction: Interaction) -> Reply:
    """Check what this server needs: permissions, events, settings, drops."""
    here = interaction.payload.here
    granted = int(here.app_permissions) if here.app_permissions else None
    to_post = None if granted is None else missing(granted, here.type)
    to_react = [] if granted is None else missing_to_react(granted, here.type)
    result = interaction.rpc("check_server")
    return page_reply(result, "server_check", lambda found: page(TITLE, check_page(found, to_post, to_react)))


# --- Words

LIST_LIMIT = 300  # characters of a list inside of a line


def check_page(facts: Facts, to_post: list[str] | None, to_react: list[str]) -> str:
    """The lines of the check, with the permissions that the bot lacks in the channel; `to_post` is None if unknown."""
    lines = [_connection(facts), _permissions(to_post)]
    if to_post is not None:
        lines.append(_reactions(to_react))
    if facts["is_connected"]:
        lines += [_events(facts), *_settings(facts), *_drops(facts)]
    return "\n".join([*lines, _migrations(facts["missing_migrations"])])


def _fine(text: str) -> str:
    return f"✅ {text}"


def _to_do(text: str) -> str:
    return f"⚠️ {text}"


def _connection(facts: Facts) -> str:
    brand = code(cut(facts["brand_id"] or "", 100))
    if facts["is_connected"] and not facts["is_brand_active"]:
        return _to_do(f"The brand {brand} is switched off: nobody earns here. Its people can switch it on again.")
    if facts["is_connected"]:
        return _fine(connected_to(facts["brand_id"], facts["server_name"]))
    if facts["brand_id"]:
        return _to_do(f"No longer connected to the brand {brand}. `/setup connect` connects this server again.")
    return _to_do("Not connected to a brand yet. Run `/setup connect` with the brand's id and its connect key.")


def _permissions(lacking: list[str] | None) -> str:
    if lacking is None:
        return "❔ Discord did not say what I may do in this channel. Post a drop to find out."
    if not lacking:
        return _fine("In this channel I have the permissions that drops need.")
    names = _listed([f"**{name}**" for name in lacking])
    return _to_do(f"In this channel I lack {names}, so no drop can be posted here. Allow it in the channel's settings.")


def _reactions(lacking: list[str]) -> str:
    if not lacking:
        return _fine("In this channel I have the permissions that reactions need.")
    names = _listed([f"**{name}**" for name in lacking])
    return _to_do(
        f"In this channel I lack {names}, so no reaction can be paid here. Allow it in the channel's settings."
    )


def _events(facts: Facts) -> str:
    events = f"{count(facts['events'], 'event')}."
    if facts["events_off"]:
        events = f"{count(facts['events'], 'event')}, {number(facts['events_off'])} of them off."
    if not facts["missing_events"]:
        return _fine(events)
    missing, brand = _listed([code(event) for event in facts["missing_events"]]), code(cut(facts["brand_id"], 100))
    return _to_do(
        sentences(
            events,
            f"Of the usual ones there is no {missing}.",
            f"If you want it, run `/setup connect` again with {brand} and its connect key; it changes nothing else.",
        )
    )


def _settings(facts: Facts) -> list[str]:
    if facts["settings_problem"]:
        problem = line(facts["settings_problem"], 300)
        return [_to_do(f"The settings hold something that is not allowed: {problem}. Correct it where it was written.")]
    settings = facts["settings"]
    return [_test_mode(settings), _channel(facts), _fine(_bonuses(settings)), _fine(_levels(settings))]


def _bonuses(settings: Facts) -> str:
    """Which roles get more: /config role-bonus."""
    if not settings["role_bonuses"]:
        return "Every role earns the same. `/config role-bonus set` gives a role more."
    return f"Members of {count(len(settings['role_bonuses']), 'role')} get more for every reward: `/config show`."


def _levels(settings: Facts) -> str:
    """Who may use the admins' commands: /config admin-roles."""
    if not settings["admin_roles"]:
        return "Only members with Manage Server run Resonance here. `/config admin-roles set` lets a role help."
    return f"Members of {count(len(settings['admin_roles']), 'role')} may help to run Resonance: `/config show`."


def _test_mode(settings: Facts) -> str:
    if not settings["test_mode"]["enabled"]:
        return _fine("Test mode is off.")
    role = settings["test_mode"]["role"]
    if not role:
        return _to_do("Test mode is on: only admins earn. End it with `/config test-mode enabled:False`.")
    return _to_do(
        f"Test mode is on: only admins and {role_mention(role)} earn. End it with `/config test-mode enabled:False`."
    )


def _channel(facts: Facts) -> str:
    if not facts["is_excluded"]:
        return _fine("Rewards are on in this channel.")
    channel_id, excluded = facts["exclusion"]["channel_id"], facts["exclusion"]["excluded"]
    if channel_id == excluded:
        return _to_do("Rewards are off in this channel. `/config channels include` switches them on again.")
    return _to_do(
        f"Rewards are off in this channel, because {channel_mention(excluded)} is excluded. "
        "`/config channels include` switches them on again."
    )


def _drops(facts: Facts) -> list[str]:
    troubles = [
        _overdue(facts["drops_overdue"]) if facts["drops_overdue"] else "",
        _behind(facts["drops_behind"], facts["channels_behind"]) if facts["drops_behind"] else "",
    ]
    return list(filter(None, troubles)) or [_fine("Drops end in time, and their messages are up to date.")]


def _overdue(drops: int) -> str:
    return _to_do(
        f"{count(drops, 'drop')} should have ended more than five minutes ago: the scheduled function `expire_drops` "
        "does not seem to run. Tell whoever runs the bot. Nobody is paid too much meanwhile."
    )


def _behind(drops: int, channels: list[str]) -> str:
    where = _listed([channel_mention(channel) for channel in channels])
    return _to_do(
        f"Discord does not let me update the message of {count(drops, 'drop')}. "
        f"Look whether I still may write in {where}; I keep trying."
    )


def _migrations(missing: list[str]) -> str:
    if not missing:
        return _fine("The database is up to date.")
    return _to_do(
        f"The database lacks migration {_listed(missing)}, so some commands do not work or are slow. "
        "Tell whoever runs the bot: a deploy of the database applies it."
    )


def _listed(parts: list[str]) -> str:
    """Parts in a sentence, as many as there is room for."""
    return listed(parts) if sum(map(len, parts)) <= LIST_LIMIT else ", ".join(truncate_lines(parts, LIST_LIMIT))
