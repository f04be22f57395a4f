"""From an interaction to the handler that was declared for it."""

from shared.discord.payload import Option
from shared.discord.reply import Reply, choices
from shared.interactions import registry
from shared.interactions.interaction import Interaction
from shared.interactions.registry import (
    MESSAGE_MENU,
    SUB_COMMAND,
    SUB_COMMAND_GROUP,
    Command,
    Handler,
    InvalidOptionsError,
    UnknownHandlerError,
)


def run_command(interaction: Interaction) -> Reply:
    """Call the command or menu entry that the member used. Raises UnknownHandlerError, InvalidOptionsError."""
    if interaction.payload.data.type == MESSAGE_MENU:
        return _use_menu(interaction)
    found, options = _find_command(interaction)
    try:
        return found.call(interaction, {_parameter(option.name): option.value for option in options})
    except InvalidOptionsError as error:
        named = [(found.option_name(name), problem) for name, problem in error.problems]
        raise InvalidOptionsError(named) from None


def _use_menu(interaction: Interaction) -> Reply:
    data = interaction.payload.data
    found = registry.REGISTRY.menus.get(data.name)
    if found is None:
        raise UnknownHandlerError(data.name)
    _require(interaction, found)
    (message,) = found.parameters
    return found.call(interaction, {message: data.target_id})


def complete_option(interaction: Interaction) -> Reply:
    """Suggest values for the option that the member is typing. Raises UnknownHandlerError."""
    found, options = _find_command(interaction)
    focused = next((option for option in options if option.focused), None)
    if focused is None or _parameter(focused.name) not in found.parameters:
        return choices([])
    completer = found.completer(_parameter(focused.name))
    return choices(completer(interaction, str(focused.value or "")) if completer else [])


def typed_option(interaction: Interaction, name: str) -> str:
    """What stands in another option while the member types: unchecked, empty where there is nothing yet."""
    _, options = _invoked(interaction)
    return next((str(option.value) for option in options if option.name == name and option.value is not None), "")


def press_button(interaction: Interaction) -> Reply:
    """Call the button that the member pressed. Raises UnknownHandlerError also for arguments made by hand."""
    name, *arguments = interaction.payload.data.custom_id.split(":")
    found = registry.REGISTRY.buttons.get(name)
    if found is None or len(arguments) != len(found.parameters):
        raise UnknownHandlerError(interaction.payload.data.custom_id)
    _require(interaction, found)
    try:
        return found.call(interaction, dict(zip(found.parameters, arguments, strict=True)))
    except InvalidOptionsError as error:
        raise UnknownHandlerError(interaction.payload.data.custom_id) from error


def send_form(interaction: Interaction) -> Reply:
    """Call the form that the member filled in. Raises UnknownHandlerError, InvalidOptionsError."""
    name, *carried = interaction.payload.data.custom_id.split(":")
    found = registry.REGISTRY.forms.get(name)
    if found is None or len(carried) != len(found.carries):
        raise UnknownHandlerError(interaction.payload.data.custom_id)
    _require(interaction, found)
    values = dict(zip(found.carries, carried, strict=True)) | interaction.payload.data.written
    try:
        return found.call(interaction, {name: value for name, value in values.items() if value})  # empty is left out
    except InvalidOptionsError as error:
        if any(name in found.carries for name, _ in error.problems):
            raise UnknownHandlerError(interaction.payload.data.custom_id) from error
        raise InvalidOptionsError([(found.label(name), problem) for name, problem in error.problems]) from None


def _require(interaction: Interaction, found: Handler) -> None:
    """Tell the interaction which level it needs; a handler that declares none is no admin's."""
    interaction.required_level = found.requires or None


def command_path(interaction: Interaction) -> str:
    """The whole path of a command: `config events create`."""
    return _invoked(interaction)[0]


def _invoked(interaction: Interaction) -> tuple[str, list[Option]]:
    """The path of a command and the options at its end; subcommands and groups stand on the way as options."""
    path, options = interaction.payload.data.name, interaction.payload.data.options
    while options and options[0].type in (SUB_COMMAND, SUB_COMMAND_GROUP):
        path, options = f"{path} {options[0].name}", options[0].options
    return path, options


def _find_command(interaction: Interaction) -> tuple[Command, list[Option]]:
    """The declared command with the options that were sent; it tells the interaction which level it requires."""
    path, options = _invoked(interaction)
    found = registry.REGISTRY.commands.get(path)
    if found is None:
        raise UnknownHandlerError(path)
    _require(interaction, found)
    return found, options


def _parameter(option_name: str) -> str:
    return option_name.replace("-", "_")
