"""A drop as its admin sees it before anybody else: what is previewed is no drop yet."""

from datetime import timedelta
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from shared.discord import payload
from shared.discord.reply import (
    ACTION_ROW,
    DANGER,
    PRIMARY,
    SECONDARY,
    MessagePayload,
    Reply,
    ephemeral_message,
    update,
)
from shared.discord.reply import button as button_component
from shared.features.drops import posting, reaction
from shared.features.drops.emoji import is_foreign
from shared.features.drops.look import PICTURES, Look, Title, fetch, files
from shared.features.drops.message import Drop, look_of, render
from shared.features.drops.options import Description, Terms, write_lifespan
from shared.features.drops.saving import TO_ADMIN, missing_to_post, seconds, terms_of
from shared.format import channel_mention
from shared.interactions.interaction import Interaction
from shared.interactions.outcomes import Facts, declare, declare_refusals, outcome_reply
from shared.interactions.registry import Level, button, form

PreviewId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Preview = Annotated[bool, Field(description="Show it to you alone first; default: post it at once")]
ON_MESSAGE = ("drop_posted", "drop_delayed", "emoji_delayed", "preview_over", "preview_cancelled")  # take its place


def show_preview(
    interaction: Interaction, channel: payload.Channel, look: Look, emoji: str | None = None, **arguments: Any
) -> Reply:
    """Show a drop to the admin who is about to post it."""
    if (shown := emoji or look.emoji) and is_foreign(interaction, shown):
        return outcome_reply(interaction.conclude("emoji_foreign", emoji=shown))
    lacking = reaction.lacking(channel, posts=True) if emoji else missing_to_post(channel)
    given = terms_of(channel, missing_permissions=lacking, look=look.kept, emoji=emoji, **arguments)
    return _shown(interaction.rpc("preview_drop", channel, terms=given), look.addresses)


def _shown(result: Facts, addresses: dict[str, str]) -> Reply:
    if result["outcome"] != "drop_previewed":
        return outcome_reply(result, instead=TO_ADMIN)
    return ephemeral_message(preview_message(result, addresses))


def preview_message(facts: Facts, addresses: dict[str, str]) -> MessagePayload:
    """A drop as it will be, with the buttons that decide about it in place of one that pays."""
    drop, preview_id = facts["drop"], facts["preview_id"]
    message = render(drop, addresses)
    rows = [
        {**row, "components": [{**each, "disabled": True} for each in row["components"]]}
        for row in message["components"]
    ]
    buttons = [
        button_component(POST, post_preview.custom_id(preview_id), style=PRIMARY),
        button_component(CHANGE, change_preview.custom_id(preview_id), style=SECONDARY),
        button_component(CANCEL, cancel_preview.custom_id(preview_id), style=DANGER),
    ]
    heading = "\n".join(filter(None, [preview_heading(drop), message["content"]]))
    return message | {"content": heading, "components": [*rows, {"type": ACTION_ROW, "components": buttons}]}


@button("preview_post", requires=Level.EVENT_MANAGER)
def post_preview(interaction: Interaction, preview_id: PreviewId) -> Reply:
    """Post a drop that was previewed; a second press finds the same drop."""
    contents = fetch(interaction, _addresses(interaction))
    result = interaction.rpc("post_preview", preview_id=preview_id)
    if result["outcome"] != "drop_created":
        return _in_place(interaction, outcome_reply(result, instead=TO_ADMIN))
    drop: Drop = result["drop"]
    publish = reaction.publish if "emoji" in drop else posting.publish
    return _in_place(interaction, publish(interaction, drop, files(look_of(drop), contents)))


@button("preview_change", requires=Level.EVENT_MANAGER)
def change_preview(interaction: Interaction, preview_id: PreviewId) -> Reply:
    """Open the form with the words of a drop that is previewed."""
    result = interaction.rpc("get_preview", preview_id=preview_id)
    if result["outcome"] != "preview":
        return _in_place(interaction, outcome_reply(result))
    found = result["terms"]
    lifespan = found["lifespan_seconds"]
    filled_in = {name: str(found.get(name) or "") for name in ("title", "description", "max_claims", "reward")}
    filled_in["lifespan"] = write_lifespan(None if lifespan is None else timedelta(seconds=lifespan))
    return preview_form.open(interaction, preview_id, **filled_in)


@form("preview", "Change the drop", requires=Level.EVENT_MANAGER, carries=("preview_id",))
def preview_form(
    interaction: Interaction,
    preview_id: PreviewId,
    title: Title | None = None,
    description: Description | None = None,
    *,
    terms: Terms,
) -> Reply:
    """Show a drop that is previewed with other words."""
    changed = {"title": title, "description": description, "max_claims": terms.max_claims, "reward": terms.reward}
    changed |= {"lifespan_seconds": seconds(terms.lifespan)}
    result = interaction.rpc("change_preview", preview_id=preview_id, terms=changed)
    return _in_place(interaction, _shown(result, _addresses(interaction)))


@button("preview_cancel", requires=Level.EVENT_MANAGER)
def cancel_preview(interaction: Interaction, preview_id: PreviewId) -> Reply:
    """Forget a drop that is previewed."""
    return _in_place(interaction, outcome_reply(interaction.rpc("cancel_preview", preview_id=preview_id)))


def _addresses(interaction: Interaction) -> dict[str, str]:
    """Where the pictures of a preview are, which Discord sends back with a press of its buttons."""
    message = interaction.payload.message
    shown = message.embeds[0] if message and message.embeds else payload.Embed()
    return {option: picture.url for option in PICTURES if (picture := getattr(shown, option))}


def _in_place(interaction: Interaction, reply: Reply) -> Reply:
    """Let a reply replace the preview if that is of no more use, or shown anew; else it stays, with its buttons."""
    if interaction.outcome in (*ON_MESSAGE, "drop_previewed") and interaction.payload.message:
        return update({name: part for name, part in reply["data"].items() if name != "flags"})
    return reply


# --- Words

POST, CHANGE, CANCEL = "Post", "Change", "Cancel"


def preview_heading(drop: Facts) -> str:
    """What stands above a drop that nobody else sees yet."""
    return (
        f"This is how the drop will look in {channel_mention(drop['channel_id'])}. Nothing is posted before you press "
        f"**{POST}**; after an hour this is forgotten."
    )


declare({"preview_cancelled": lambda _: "Nothing has been posted."})
declare_refusals(
    {
        "preview_over": lambda _: (
            "This preview is over: it has been posted, or an hour has gone by. Use `/drop create` for a new drop."
        ),
    }
)
