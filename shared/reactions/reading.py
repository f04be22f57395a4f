"""Read who has reacted to a drop, page by page, and have them paid."""

from typing import Any

from shared.discord import rest
from shared.discord.emoji import Emoji
from shared.discord.error import UNKNOWN_EMOJI, DiscordError
from shared.discord.reactions import Counts
from shared.discord.steps import Steps
from shared.reactions.known import Known
from shared.scheduled import Results, Run

Json = dict[str, Any]

ASKED_AT_ONCE = 25  # for their roles, before they are paid: a run whose time is up early has come further all the same


class Reading:
    """One reading of a drop's whole list: of the normal reactions, then of the super reactions."""

    def __init__(self, channel: Json, drop: Json, author_id: str | None, known: Known, results: Results) -> None:
        self._channel = channel
        self._drop = drop
        self._author_id = author_id  # whose own reaction does not count
        self._known = known
        self._results = results

    def steps(self, emoji: Emoji, counts: Counts, started_at: str, run: Run) -> Steps[bool]:
        """Read on until the list ends or the database says that it is enough. Is nothing left? Raises DiscordError."""
        drop, is_cut = self._drop, self._drop["is_cut"]
        is_super, after = (drop["is_super"], drop["after_id"]) if is_cut else (False, "0")
        look = {
            "drop_id": drop["drop_id"],
            "look": drop["look"] + (not is_cut),
            "started_at": started_at,
            "counts": {"normal": counts.normal, "super": counts.super},
        }
        if self._channel["needs_place"]:
            look["parent_ids"] = yield from self._known.ask_parents(self._channel["channel_id"])
        self._results.counts["read"] += 1
        is_last = False
        while not is_last:
            page = yield from self._page(emoji, after, is_super=is_super)
            is_end = len(page) < rest.PAGE
            is_last = is_end and (is_super or not (counts.super or drop["must_read"]))
            if is_end and not is_last:
                is_super, after = True, "0"
            elif page:
                after = max((user["id"] for user in page), key=int)
            told = yield from self._claim(page, run, **look, is_super=is_super, after_id=after, is_last=is_last)
            if told["outcome"] != "page_taken" or told["unasked"]:
                return bool(told["outcome"] == "drop_over")
        return True

    def _page(self, emoji: Emoji, after: str, *, is_super: bool) -> Steps[list[Json]]:
        message = self._channel["channel_id"], self._drop["message_id"]
        try:
            page: list[Json] = yield rest.reactors(*message, emoji, is_super=is_super, after=after)
        except DiscordError as error:
            if error.code == UNKNOWN_EMOJI:  # nobody has reacted with it
                return []
            raise
        return page

    def _claim(self, page: list[Json], run: Run, **look: Any) -> Steps[Json]:
        """Have a page paid, and whoever waits; ask for the roles of those who need them."""
        reactors = [user["id"] for user in page if not user.get("bot") and user["id"] != self._author_id]
        server_id = self._channel["server_id"]
        roles = self._known.roles_of(server_id, reactors)
        while True:
            told: Json = run.rpc("claim_reactions", reactors=reactors, roles=roles, **look)
            for outcome in ("paid", "refused"):
                self._results.counts[outcome] += told.get(outcome, 0)
            if told.get("unasked"):
                asked = yield from self._known.ask_roles(server_id, told["unasked"][:ASKED_AT_ONCE])
                if not asked:
                    return told
                roles |= asked
            elif told.get("waits"):
                reactors = []
            else:
                return told
