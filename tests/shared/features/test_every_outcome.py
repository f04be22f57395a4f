"""Every outcome of an SQL function has a sentence, or a page of its own."""

import re

from shared.interactions.outcomes import SENTENCES
from tests import ROOT

SQL = ROOT / "infra" / "supabase"
# What the commands do not tell as a sentence: other shapes of answers.
NOT_TOLD = {"drop_created", "drop_ended", "drop_expired", "drop_full", "level"}
NOT_TOLD |= {"audit", "stats"}
NOT_TOLD |= {"balance", "checked_in", "cooldowns", "drops", "help", "history", "leaderboard", "member"}  # pages
NOT_TOLD |= {"events", "milestone_claimed", "rank", "streak"}  # pages
NOT_TOLD |= {"watches"}  # pages
NOT_TOLD |= {"settings", "settings_changed", "settings_unchanged", "server", "server_check"}  # pages
NOT_TOLD |= {"event_deletion_asked"}  # a question
NOT_TOLD |= {"entries", "time_zones"}  # suggestions
NOT_TOLD |= {"category_needed"}  # asked of Discord, see Interaction.rpc
NOT_TOLD |= {"batch"}  # a part of a file
NOT_TOLD |= {"page_taken", "look_over", "drops_added"}  # of reactions, read by collect_reactions
NOT_TOLD |= {"recorded", "unknown_key", "already_paid"}  # told by functions/events.py
NOT_TOLD |= {
    "brand_added",
    "brand_exists",
    "brand_key_rotated",
    "brand_changed",
    "brands",
}  # told by infra.deploy.brands
NOT_TOLD |= {"brand_not_found", "brand_id_invalid", "program_key_invalid", "program_key_unknown"}
NOT_TOLD |= {"preview", "drop_previewed"}  # a form and a message are made of them
NOT_TOLD |= {"not_paid"}  # dispatch then says what it said before it asked


def source() -> str:
    """All the SQL functions."""
    files = [*SQL.joinpath("api").glob("*.sql"), *SQL.joinpath("internal").glob("*.sql")]
    return "\n".join(path.read_text() for path in files)


def outcomes(source: str) -> set[str]:
    """Every outcome that SQL functions give."""
    given = re.findall(r"'outcome',\s*'([a-z_]+)'", source)
    paid = re.findall(r"paid_before\(\w+, '([a-z_]+)'", source)
    granted = re.findall(r"try_grant\([^;]*, '([a-z_]+)', p_now", source)
    chosen = re.findall(r"'outcome',\s*case\b(.*?)\bend\b", source, re.DOTALL)
    return {
        *given,
        *paid,
        *granted,
        *(name for part in chosen for name in re.findall(r"(?:then|else) '([a-z_]+)'", part)),
    }


def test_every_outcome_has_a_sentence() -> None:
    given = outcomes(source())
    assert {
        "claimed",
        "cooldown",
        "event_claimed",
        "reward_given",
        "event_exists",
        "server_not_connected",
    } <= given
    assert given - NOT_TOLD - set(SENTENCES) == set()
