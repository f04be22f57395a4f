"""From an interaction to its reply: find the declared handler, call it, and tell failures in a sentence."""

from contextlib import suppress

from discord_interactions import InteractionType

from shared import database
from shared.discord.error import DiscordError
from shared.discord.payload import Option
from shared.discord.reply import ACKNOWLEDGED, Reply, choices, ephemeral
from shared.format import amount, event_name, line
from shared.interactions import interaction as timing
from shared.interactions import registry, retry
from shared.interactions.interaction import AlreadyAcknowledgedError, Interaction, Pays
from shared.interactions.outcomes import RefusedError, declare, declare_refusals, outcome_reply, sentence
from shared.interactions.problems import InvalidOptionsError, Problem
from shared.interactions.registry import (
    MESSAGE_MENU,
    SUB_COMMAND,
    SUB_COMMAND_GROUP,
    Command,
    Form,
    Handler,
    Level,
    UnknownHandlerError,
    unstorable,
)
from shared.log import logger

# --- Sentences

DATABASE_AWAY = "Resonance's database is not answering right now. Please try again in a moment."
DATABASE_AWAY_PAID_ONCE = (
    "Resonance's database is not answering right now. Nothing is lost: please try again in a moment. "
    "You cannot be paid twice for this, so trying again is safe."
)
DATABASE_AWAY_PAID_AGAIN = (
    "Resonance's database is not answering right now. You may have been paid already or not: "
    "please look at `/history` in a moment, before you try again."
)
DATABASE_AWAY_FOR_ADMINS = (
    "Resonance's database is not answering right now. If you were changing something, that may be done or not: "
    "please look before you try again; a drop that was saved appears within a few minutes."
)
OUR_FAULT = "Something went wrong on our side, and we have made a note of it. Nothing is lost: please try again later."
SCHEMA_BEHIND = (
    "This part of Resonance is still being upgraded. Please try again in a few minutes; "
    "if it stays like this, tell whoever runs the bot that its database needs the latest migrations."
)
MALFORMED = "Discord sent something that this bot cannot read. Please try again."
GUILD_ONLY = "Resonance works in servers only. Please use this in a server."
UNKNOWN_COMMAND = "This command no longer exists here. Please restart Discord to get the current ones, or try `/help`."
UNKNOWN_BUTTON = "This button no longer works: it belongs to an older version of the bot."
UNKNOWN_FORM = "This form no longer works: it belongs to an older version of the bot. Please open it again."

declare(
    {
        "paid": lambda f: (
            f"You got **{amount(f['amount'])}** for {line(event_name(f['event']), 80)}. "
            "Only the answer was lost on its way, so there is no need to try again.\n"
            f"Your total is now **{amount(f['balance'])}**."
        ),
    }
)

# What any SQL function may answer.
declare_refusals(
    {
        "migration_missing": lambda f: (
            "This is not ready in this server yet. Everything else works.\n"
            f"For whoever runs the bot: the database lacks migration {f['migration']}; "
            "a deploy of the database applies it."
        ),
        "already_done": lambda _: "Discord sent this twice. It was carried out the first time, and not again.",
        "not_allowed": lambda f: (
            f"This needs the level **{Level(f['required_level']).label}**. "
            "Somebody with Manage Server can do it, or give one of your roles that level."
        ),
    }
)


def option_problems(problems: list[Problem]) -> str:
    """What is wrong with the options of a command, or with the fields of a form."""
    return "\n".join(["Nothing has changed. Please check:", *map(str, problems)])


# --- The reply


def respond(interaction: Interaction) -> Reply:
    """Call the handler of an interaction. A failure becomes a sentence; a deferred reply goes to Discord over REST."""
    reply = _reply(interaction)
    if interaction.deferred_at is None or reply is ACKNOWLEDGED:
        return reply
    try:
        interaction.send(reply["data"])
    except DiscordError as error:
        logger.warning("reply not sent", extra={"status": error.status, "code": error.code})
    return ACKNOWLEDGED


def problem_reply(problem: str, kind: object) -> Reply:
    """Tell a problem in reply to an interaction of the type; autocomplete can show no text, so it suggests nothing."""
    return choices([]) if kind == InteractionType.APPLICATION_COMMAND_AUTOCOMPLETE else ephemeral(problem)


def _reply(interaction: Interaction) -> Reply:
    try:
        return _call_handler(interaction)
    except UnknownHandlerError:
        interaction.outcome = "unknown"
        problem = _UNKNOWN.get(interaction.payload.type, UNKNOWN_COMMAND)
    except InvalidOptionsError as error:
        interaction.outcome = "invalid_options"
        problem = option_problems(error.problems)
    except AlreadyAcknowledgedError:
        interaction.outcome = "already_acknowledged"
        return ACKNOWLEDGED
    except RefusedError as refusal:
        return outcome_reply(refusal.result)
    except database.DatabaseUnavailableError as error:
        logger.error("database unavailable", extra={"function": str(error)})
        problem = _database_away(interaction)
    except database.DatabaseError as error:
        logger.exception("database error", extra={"code": error.code})
        interaction.outcome = "database_error"
        problem = SCHEMA_BEHIND if error.is_schema_behind else OUR_FAULT
    except Exception:
        logger.exception("interaction failed")
        interaction.outcome = "failed"
        problem = OUR_FAULT
    return problem_reply(problem, interaction.payload.type)


def _database_away(interaction: Interaction) -> str:
    """What is true after a call without an answer: what it paid, where that can still be asked."""
    interaction.outcome = "database_unavailable"
    if interaction.required_level:
        return DATABASE_AWAY_FOR_ADMINS
    if interaction.pays is not Pays.NOTHING:
        with suppress(database.DatabaseError):
            payment = database.rpc("get_payment", timeout=timing.LEAST_SECONDS, caller=interaction.caller)
            if payment["outcome"] == "paid":
                interaction.outcome = "paid_without_answer"
                return sentence(payment)
    return _AWAY[interaction.pays]


def _call_handler(interaction: Interaction) -> Reply:
    if interaction.payload.guild_id is None or interaction.payload.member is None:
        interaction.outcome = "not_in_a_server"
        return problem_reply(GUILD_ONLY, interaction.payload.type)
    call = _BY_TYPE.get(interaction.payload.type)
    if call is None:
        raise UnknownHandlerError(f"type {interaction.payload.type}")
    try:
        reply = call(interaction)
    except InvalidOptionsError:
        if refusal := _level_refusal(interaction):
            return refusal
        raise
    return _level_refusal(interaction) or reply


def _level_refusal(interaction: Interaction) -> Reply | None:
    """Refuse a member below the required level where the handler has answered without the database: a form, a problem.

    Who may not do a thing is told that before what else is wrong with it. While the database is away let the answer
    pass: it changes nothing, and what is sent with a form is checked again.
    """
    required = interaction.required_level
    if not required or interaction.is_level_checked:
        return None
    if interaction.payload.type == InteractionType.APPLICATION_COMMAND_AUTOCOMPLETE:  # a refusal would suggest nothing
        return None
    try:
        level = member_level(interaction)
    except database.DatabaseError as error:
        logger.warning("level not known", extra={"function": str(error)})
        return None
    if level >= required:
        return None
    return outcome_reply(interaction.conclude("not_allowed", required_level=required))


def member_level(interaction: Interaction) -> int:
    """The level of the member who acts; asks the database unless Discord's permissions tell. Raises DatabaseError."""
    if interaction.manages_server:
        return Level.FULL_ADMIN
    found = database.rpc("get_level", timeout=interaction.seconds_left(), caller=interaction.caller)
    return int(found["level"])


# --- The handler, by the type of the interaction


def run_command(interaction: Interaction) -> Reply:
    """Call the command or menu entry that the member used. Raises UnknownHandlerError, InvalidOptionsError."""
    if interaction.payload.data.type == MESSAGE_MENU:
        return _use_menu(interaction)
    found, options = _find_command(interaction)
    return found.call(interaction, {_parameter(option.name): option.value for option in options})


def _use_menu(interaction: Interaction) -> Reply:
    data = interaction.payload.data
    found = registry.REGISTRY.menus.get(data.name)
    if found is None:
        raise UnknownHandlerError(data.name)
    _note(interaction, found)
    (message,) = found.parameters
    return found.call(interaction, {message: data.target_id})


def complete_option(interaction: Interaction) -> Reply:
    """Suggest values for the option that the member is typing. Raises UnknownHandlerError."""
    found, options = _find_command(interaction)
    focused = next((option for option in options if option.focused), None)
    if focused is None or _parameter(focused.name) not in found.parameters:
        return choices([])
    if unstorable({option.name: option.value for option in options}):
        return choices([])
    completer = found.completer(_parameter(focused.name))
    return choices(completer(interaction, str(focused.value or "")) if completer else [])


def typed_option(interaction: Interaction, name: str) -> str:
    """The unchecked value of another option while the member types; empty where none is given yet."""
    _, options = _invoked(interaction)
    return next((str(option.value) for option in options if option.name == name and option.value is not None), "")


def use_component(interaction: Interaction) -> Reply:
    """Call the button that the member pressed, or the select menu with what they chose.

    Raises UnknownHandlerError, also for arguments made by hand.
    """
    data = interaction.payload.data
    if data.custom_id.startswith(retry.PREFIX):
        return retry.reopen(interaction, *_find_form(interaction))
    name, *carried = data.custom_id.split(":")
    arguments = [*carried, *data.values]
    found = registry.REGISTRY.buttons.get(name) or registry.REGISTRY.selects.get(name)
    if found is None or len(arguments) != len(found.parameters):
        raise UnknownHandlerError(interaction.payload.data.custom_id)
    _note(interaction, found)
    try:
        return found.call(interaction, dict(zip(found.parameters, arguments, strict=True)))
    except InvalidOptionsError as error:
        raise UnknownHandlerError(interaction.payload.data.custom_id) from error


def send_form(interaction: Interaction) -> Reply:
    """Call the form that the member filled in. Raises UnknownHandlerError."""
    found, carried = _find_form(interaction)
    written = interaction.payload.data.written
    values = carried | written
    try:
        reply = found.call(interaction, {name: value for name, value in values.items() if value})  # empty: not given
    except InvalidOptionsError as error:
        interaction.conclude("invalid_options")
        reply = ephemeral(option_problems(error.problems))
    if retry.is_of_use(interaction):
        reply = retry.with_entries(reply, found, interaction.payload.data.custom_id, written)
    return retry.in_place(interaction, reply)


def _find_form(interaction: Interaction) -> tuple[Form, dict[str, str]]:
    """The declared form with the values that it carries. Raises UnknownHandlerError, also for values made by hand."""
    custom_id = interaction.payload.data.custom_id
    name, *carried = retry.form_id(custom_id).split(":")
    found = registry.REGISTRY.forms.get(name)
    if found is None or len(carried) != len(found.carries):
        raise UnknownHandlerError(custom_id)
    values = dict(zip(found.carries, carried, strict=True))
    if not found.takes({name: value for name, value in values.items() if value}):
        raise UnknownHandlerError(custom_id)
    _note(interaction, found)
    return found, values


_BY_TYPE = {
    InteractionType.APPLICATION_COMMAND: run_command,
    InteractionType.APPLICATION_COMMAND_AUTOCOMPLETE: complete_option,
    InteractionType.MESSAGE_COMPONENT: use_component,
    InteractionType.MODAL_SUBMIT: send_form,
}
_UNKNOWN = {
    InteractionType.MESSAGE_COMPONENT: UNKNOWN_BUTTON,
    InteractionType.MODAL_SUBMIT: UNKNOWN_FORM,
}
_AWAY = {
    Pays.NOTHING: DATABASE_AWAY,
    Pays.ONCE: DATABASE_AWAY_PAID_ONCE,
    Pays.AGAIN: DATABASE_AWAY_PAID_AGAIN,
}


def _note(interaction: Interaction, found: Handler) -> None:
    """Note what the handler declares: the level that it requires (None if it is for members), and what it pays."""
    interaction.required_level = found.requires or None
    interaction.pays = found.pays


def invoked(interaction: Interaction) -> str:
    """What `features.declare` takes: the name of a component, form or menu entry, or the first word of a command."""
    data = interaction.payload.data
    if data.custom_id:
        return retry.form_id(data.custom_id).split(":")[0]
    return data.name if data.type == MESSAGE_MENU else f"/{data.name}"


def command_path(interaction: Interaction) -> str:
    """The whole path of a command: `config events create`."""
    return _invoked(interaction)[0]


def _invoked(interaction: Interaction) -> tuple[str, list[Option]]:
    """The path of a command and its options: subcommands and groups arrive as options that hold the next level."""
    path, options = interaction.payload.data.name, interaction.payload.data.options
    while options and options[0].type in (SUB_COMMAND, SUB_COMMAND_GROUP):
        path, options = f"{path} {options[0].name}", options[0].options
    return path, options


def _find_command(interaction: Interaction) -> tuple[Command, list[Option]]:
    """The declared command with the options that were sent; notes the level that it requires."""
    path, options = _invoked(interaction)
    found = registry.REGISTRY.commands.get(path)
    if found is None:
        raise UnknownHandlerError(path)
    _note(interaction, found)
    return found, options


def _parameter(option_name: str) -> str:
    return option_name.replace("-", "_")
