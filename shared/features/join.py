"""/join: the welcome bonus."""

from shared.discord.reply import Reply
from shared.features.earning import breakdown
from shared.format import amount, moment, sentences
from shared.interactions.interaction import Interaction, Pays
from shared.interactions.outcomes import Facts, declare, declare_refusals, outcome_reply
from shared.interactions.registry import command


@command("join", pays=Pays.ONCE)
def join(interaction: Interaction) -> Reply:
    """Take your welcome bonus, once."""
    return outcome_reply(interaction.rpc("claim_welcome_bonus"))


def _welcomed(facts: Facts) -> str:
    return "\n".join(
        [
            sentences(f"Welcome! You got **{amount(facts['amount'])}**.", breakdown(facts)),
            f"Your total is now **{amount(facts['balance'])}**. Come back every day for `/daily`.",
        ]
    )


declare({"welcomed": _welcomed})
declare_refusals(
    {
        "already_welcomed": lambda f: (
            f"You already have your welcome bonus: you got **{amount(f['amount'])}** {moment(f['claimed_at'])}."
        ),
    }
)
