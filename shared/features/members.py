"""/config member: who may earn, and how a member stands."""

from shared.discord.reply import Reply, page
from shared.features.history import history_line
from shared.features.streak.words import current_and_longest
from shared.format import amount, clause, member_mention, moment
from shared.interactions.interaction import Interaction
from shared.interactions.options import Member, Reason
from shared.interactions.outcomes import Facts, declare, declare_refusals, outcome_reply, page_reply
from shared.interactions.registry import Level, command, group

group("config member", "Pause a member's rewards, or look how a member stands")

TITLE = "How a member stands"


@command("config member disable", requires=Level.FULL_ADMIN)
def disable(interaction: Interaction, member: Member, reason: Reason) -> Reply:
    """Pause a member's rewards; what they have earned is kept."""
    return outcome_reply(interaction.rpc("disable_member", member_id=member, reason=reason))


@command("config member enable", requires=Level.FULL_ADMIN)
def enable(interaction: Interaction, member: Member) -> Reply:
    """Let a member earn again."""
    return outcome_reply(interaction.rpc("enable_member", member_id=member))


@command("config member status", requires=Level.FULL_ADMIN)
def status(interaction: Interaction, member: Member) -> Reply:
    """Show whether a member may earn, and what they have."""
    result = interaction.rpc("get_member", member_id=member)
    return page_reply(result, "member", lambda found: page(TITLE, member_page(found)))


# --- Words


def member_page(facts: Facts) -> str:
    """Whether a member may earn, their total, streak and last reward."""
    last = facts["last"]
    lines = [
        _standing(facts),
        total_of(facts["member_id"], facts["total"]),
        current_and_longest(facts, is_own=False),
        f"Last: {history_line(last)} (no. {last['entry']})" if last else "Nothing in the ledger yet.",
    ]
    return "\n".join(lines)


def total_of(member_id: str, total: float) -> str:
    """A member's total."""
    return f"The total of <@{member_id}> is **{amount(total)}**."


def _standing(facts: Facts) -> str:
    disabled = facts["disabled"]
    if not disabled:
        return f"<@{facts['member_id']}> may earn."
    by, since = member_mention(disabled["by"]), moment(disabled["since"])
    if not disabled["reason"]:
        return f"{by} paused the rewards of <@{facts['member_id']}> {since}."
    return f"{by} paused the rewards of <@{facts['member_id']}> {since}: {clause(disabled['reason'], 300)}."


declare(
    {
        "member_is_disabled": lambda f: (
            f"The rewards of <@{f['member_id']}> are paused: {clause(f['reason'], 300)}. "
            "They read the reason when they try to earn. Let them earn again with `/config member enable`."
        ),
        "member_already_disabled": lambda f: (
            f"Nothing has changed: {member_mention(f['by'])} paused the rewards of <@{f['member_id']}> "
            f"{moment(f['since'])}, for the same reason: {clause(f['reason'], 300)}."
        ),
        "member_is_enabled": lambda f: f"<@{f['member_id']}> can earn again.",
    }
)
declare_refusals(
    {"member_not_disabled": lambda f: f"Nothing has changed: the rewards of <@{f['member_id']}> are not paused."}
)
