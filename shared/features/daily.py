"""/daily: the check-in that keeps a streak and pays."""

from shared.discord.reply import Reply
from shared.features.earning import breakdown
from shared.features.streak.words import current_streak, next_milestone, waiting_milestones
from shared.format import amount, count, moment
from shared.interactions.interaction import Interaction, Pays
from shared.interactions.outcomes import declare, declare_refusals, outcome_reply
from shared.interactions.registry import command


@command("daily", pays=Pays.ONCE)
def daily(interaction: Interaction) -> Reply:
    """Check in for today, keep your streak and earn RSNC."""
    return outcome_reply(interaction.rpc("check_in"))


declare(
    {
        "checked_in": lambda f: (
            f"Checked in: **{amount(f['amount'])}**!{breakdown(f)}\n"
            f"Your streak is **{count(f['streak'], 'day')}**. {next_milestone(f)}"
            f"Come back {moment(f['next_at'])}, and at the latest {moment(f['deadline'])} to keep it.\n"
            + (f"{waiting_milestones(f)}\n" if f.get("milestones") else "")
            + f"Your total is now **{amount(f['balance'])}**."
        ),
    }
)
declare_refusals(
    {
        "already_checked_in": lambda f: (
            f"You have already checked in today. {current_streak(f['streak'])}. "
            f"The next check-in opens {moment(f['next_at'])}."
        ),
    }
)
