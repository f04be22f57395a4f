"""What is told about an outcome, a sentence or two each."""

import re
from collections.abc import Callable

from shared.format import Facts, amount, code, count, cut, escape, event_name, fitting, line, listed, moment, number
from shared.text.drops import ENDED_FOR_ADMINS, drop_line, drop_name
from shared.text.export import NOTHING_YET

# --- What the machinery has to say

DATABASE_AWAY = (
    "Resonance's database is not answering right now. Nothing is lost: please try again in a moment. "
    "You cannot be paid twice, so trying again is safe."
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

LEVELS = {1: "viewer", 2: "perk manager", 3: "event manager", 4: "full admin"}


# --- Outcomes

Sentences = dict[str, Callable[[Facts], str]]

# Refusals; those of earning in the order in which they are checked.
# Events that members know by their command, not by their name.
OWN_COMMANDS = {"daily_checkin": "There is no daily check-in", "welcome_bonus": "There is no welcome bonus"}

REFUSALS: Sentences = {
    "drop_not_found": lambda _: "This drop no longer exists.",
    "already_claimed": lambda f: (
        f"You already have this one: you claimed **{amount(f['amount'])}** {moment(f['claimed_at'])}."
    ),
    "server_not_connected": lambda _: (
        "This server is not connected to a Resonance brand yet. An admin can do that with `/setup connect`."
    ),
    "event_not_found": lambda f: (
        no_such_event(f)
        if "events" in f
        else (
            f"There is no event {code(f['event'])} in this server. "
            if f["event"] not in OWN_COMMANDS
            else f"{OWN_COMMANDS[f['event']]} in this server. "
        )
        + "`/cooldowns` shows what you can take; an admin can see all with `/config events list`."
    ),
    "event_disabled": lambda f: (
        f"**{line(f['event'], 80)}** is switched off at the moment. Ask an admin when it is back."
    ),
    "member_disabled": lambda f: (
        "An admin has paused your rewards in this server"
        + (f": {line(f['reason'], 300).rstrip('.')}" if f.get("reason") else "")
        + ". They resume when an admin lifts it."
    ),
    "test_mode": lambda _: "Test mode is on: only testers earn until an admin switches it off.",
    "channel_excluded": lambda _: "Rewards are off in this channel. Please try in another one.",
    "cooldown": lambda f: (
        limit_reached(f)
        if "limit" in f
        else total_limit_reached({**f, "limit": f["total_limit"]})
        if "total_limit" in f
        else f"You can earn **{line(f['event'], 80)}** again {moment(f['retry_at'])}."
    ),
    "limit_reached": lambda f: limit_reached(f),  # noqa: PLW0108  (it is defined below)
    "total_limit_reached": lambda f: total_limit_reached(f),  # noqa: PLW0108  (it is defined below)
    "already_checked_in": lambda f: (
        f"You have already checked in today. {current_streak(f['streak'])}. "
        f"The next check-in opens {moment(f['next_at'])}."
    ),
    "event_not_claimable": lambda f: (
        f"**{line(f['event'], 80)}** has a command of its own: `{f['command']}`."
        if f["command"]
        else f"**{line(f['event'], 80)}** cannot be taken with `/claim`: it is paid when you do it, or by a drop. "
        "`/cooldowns` shows what you can take."
    ),
    "already_welcomed": lambda f: (
        f"You have your welcome bonus already: you got **{amount(f['amount'])}** {moment(f['claimed_at'])}."
    ),
    "milestone_unknown": lambda f: (
        f"There is no streak bonus for {count(f['days'], 'day')} in this server. "
        + (f"There is one for {bonuses(f['milestones'])}." if f["milestones"] else "There is none at the moment.")
    ),
    "milestone_not_reached": lambda f: (
        f"The {number(f['days'])}-day bonus of **{amount(f['reward'])}** needs a streak of {count(f['days'], 'day')}. "
        f"{current_streak(f['streak'])}. {reached(f)}"
    ),
    "milestone_taken": lambda f: (
        f"You have the {number(f['days'])}-day bonus already: "
        f"you got **{amount(f['amount'])}** {moment(f['claimed_at'])}."
    ),
    "no_milestone": lambda f: (
        f"No streak bonus is waiting for you. {milestone(f)}{reached(f)}"
        if f["next_milestone"]
        else "No streak bonus is waiting for you, and there is none to come."
    ),
    "page_gone": lambda f: (
        f"There is no page {number(f['page'])} of your history: it has {count(f['pages'], 'page')}. "
        "See the newest with `/history`."
        if f["pages"]
        else "Your history is empty so far."
    ),
    "migration_missing": lambda f: (
        "This is not ready in this server yet. Everything else works.\n"
        f"For whoever runs the bot: the database lacks migration {f['migration']}; a deploy of the database applies it."
    ),
    "not_allowed": lambda f: (
        f"This needs the level **{LEVELS[f['required_level']]}**. "
        "Somebody with Manage Server can do it, or give one of your roles that level."
    ),
    "connected_elsewhere": lambda f: (
        f"This server is connected to another brand, `{f['brand_id']}`. "
        "Run `/setup disconnect` first if you want to move it; what members have earned stays."
    ),
    "confirmation_missing": lambda _: (
        "Nothing has changed. To disconnect, type `DISCONNECT` in capital letters as the confirmation."
    ),
    "event_exists": lambda f: (
        f"There is an event of that name already:\n{event_line(f['event'])}\nChange it with `/config events edit`."
    ),
    "event_off": lambda f: (
        f"**{line(f['event'], 80)}** is switched off, so a drop of it would pay nobody. "
        "A full admin can switch it on with `/config events toggle`."
    ),
    "event_is_brand_wide": lambda f: (
        f"`{f['event']}` belongs to the brand and cannot be deleted from here. "
        "Switch it off with `/config events toggle`."
    ),
    "member_not_here": lambda f: f"<@{f['member_id']}> is not in this server, so there is nobody to reward.",
    "bot_not_paid": lambda f: f"<@{f['member_id']}> is a bot, and bots are never paid.",
    "entry_not_found": lambda f: (
        f"<@{f['member_id']}> has no row number {f['entry']} in this server. Pick one from what is suggested."
    ),
    "entry_is_reversal": lambda f: (
        f"Row number {f['entry']} takes another one back, which cannot be undone. Give a reward with `/reward give`."
    ),
    "already_revoked": lambda f: (
        f"Row number {f['entry']} of **{amount(f['amount'])}** is taken back already: "
        f"<@{f['actor_id']}> did it {moment(f['revoked_at'])}."
    ),
    "balance_too_low": lambda f: (
        f"Nothing has changed: <@{f['member_id']}> has only **{amount(f['total'])}** left, "
        f"and **{amount(f['amount'])}** would be taken back. "
        "If the total may fall below zero, say so with `allow-negative`."
    ),
    "member_not_disabled": lambda f: f"The rewards of <@{f['member_id']}> are not paused.",
    "drop_not_posted": lambda f: (
        f"Discord did not let me post in <#{f['channel_id']}>: {f['problem']}. The drop is closed and has paid nothing."
    ),
    "permissions_missing": lambda f: (
        f"I cannot post in <#{f['channel_id']}>: I lack {listed([f'**{name}**' for name in f['missing']])} there. "
        "Give me that in the channel's settings, then try again; nothing has been posted."
    ),
    "message_not_replyable": lambda _: (
        "Discord takes no answers to messages of that kind. Choose one that somebody wrote, or use `/drop create`."
    ),
    "drop_unknown": lambda _: (
        "There is no such drop in this server. Pick one from what Discord suggests, or see `/drop list`."
    ),
    "drop_over": lambda f: (
        f"Nothing has changed: the drop {drop_name(f['drop'])} is over already. "
        f"{ENDED_FOR_ADMINS[f['drop']['end_reason']]} {moment(f['ended_at'])}."
    ),
    "max_claims_too_low": lambda f: (
        f"Nothing has changed: {number(f['max_claims'])} is less than what is claimed of {drop_name(f['drop'])} "
        f"already, {count(f['drop']['claims_count'], 'claim')}. Give at least that, or end the drop with `/drop end`."
    ),
}

SENTENCES: Sentences = REFUSALS | {
    "claimed": lambda f: (
        f"You got **{amount(f['amount'])}**!{made_of(f)}\n"
        f"You are {place(f['place'], f['max_claims'])}. Your total is now **{amount(f['balance'])}**."
    ),
    "checked_in": lambda f: (
        f"Checked in: **{amount(f['amount'])}**!{made_of(f)}\n"
        f"Your streak is **{count(f['streak'], 'day')}**. {milestone(f)}"
        f"Come back {moment(f['next_at'])}, and at the latest {moment(f['deadline'])} to keep it.\n"
        + (f"{waiting(f)}\n" if f.get("milestones") else "")
        + f"Your total is now **{amount(f['balance'])}**."
    ),
    "streak": lambda f: "\n".join(filter(None, [streak(f), next_check_in(f), milestone(f).strip(), waiting(f)])),
    "milestone_claimed": lambda f: (
        f"You got **{amount(f['amount'])}** for a streak of {count(f['days'], 'day')}!\n"
        + (
            f"{number(f['more'])} more {'is' if f['more'] == 1 else 'are'} waiting: `/streak claim`.\n"
            if f["more"]
            else ""
        )
        + f"Your total is now **{amount(f['balance'])}**."
    ),
    "event_claimed": lambda f: (
        f"You got **{amount(f['amount'])}** for {line(f['event'], 80)}!{made_of(f)}\n"
        f"{once_more(f)}Your total is now **{amount(f['balance'])}**."
    ),
    "welcomed": lambda f: (
        f"Welcome! You got **{amount(f['amount'])}**.{made_of(f)}\n"
        f"Your total is now **{amount(f['balance'])}**. Come back every day for `/daily`."
    ),
    "balance": lambda f: (
        ("You have" if f["is_own"] else f"<@{f['member_id']}> has")
        + f" **{amount(f['total'])}**, "
        + (f"rank **{number(f['rank'])}** in this server.\n" if f["rank"] else "and no rank in this server yet.\n")
        + current_streak(f["streak"], is_own=f["is_own"])
        + (f", the longest was {count(f['longest'], 'day')}." if f["longest"] > f["streak"] else ".")
    ),
    "connected": lambda f: (
        f"This server is connected to the brand `{f['brand_id']}`. These events are ready:\n{event_list(f['events'])}\n"
        "Post a drop with `/drop create`, change events with `/config events edit`."
    ),
    "server": lambda f: (
        f"Connected to the brand `{f['brand_id']}`"
        + (f" as **{escape(f['server_name'])}**" if f.get("server_name") else "")
        + f".\n{count(len(f['events']), 'event')}, {count(f['open_drops'], 'open drop')}, "
        f"**{amount(f['distributed'])}** earned by {count(f['members'], 'member')}."
    ),
    "disconnected": lambda f: (
        f"This server is no longer connected to the brand `{f['brand_id']}`: "
        "nobody earns here until it is connected again. "
        "What members have earned, the events and the settings are kept."
    ),
    "events": lambda f: event_list(f["events"]) or "There are no events yet. Create one with `/config events create`.",
    "event_created": lambda f: f"The event is ready:\n{event_line(f['event'])}",
    "event_edited": lambda f: f"Changed. From the next claim on:\n{event_line(f['event'])}",
    "event_toggled": lambda f: f"**{f['event']['event']}** is now {'on' if f['event']['enabled'] else 'off'}.",
    "event_deleted": lambda f: (
        f"The event `{f['event']}` is deleted. What it has paid stays paid."
        + (f"\nThe brand's own event of that name holds now:\n{event_line(f['brand_wide'])}" if f["brand_wide"] else "")
        + (
            f"\n{count(f['open_drops'], 'open drop')} of it can no longer be claimed."
            if f["open_drops"] and not f["brand_wide"]
            else ""
        )
    ),
    "reward_given": lambda f: (
        f"<@{f['member_id']}> got **{amount(f['amount'])}** for {line(f['event'], 80)}.{made_of(f)}\n"
        f"{total_of(f['member_id'])} now **{amount(f['balance'])}**. They see it in `/history`."
    ),
    "reward_revoked": lambda f: (
        f"Taken back from <@{f['member_id']}>: **{amount(f['amount'])}** for {escape(event_name(f['event']))}.\n"
        f"{total_of(f['member_id'])} now **{amount(f['balance'])}**. "
        "What it used up stays used: the claim, and the event's limits."
    ),
    "member_is_disabled": lambda f: (
        f"The rewards of <@{f['member_id']}> are paused: {line(f['reason'], 300).rstrip('.')}. "
        "They are told so when they try to earn. Lift it with `/config member enable`."
    ),
    "member_is_enabled": lambda f: f"<@{f['member_id']}> can earn again.",
    "drop_posted": lambda f: (
        f"The drop is in <#{f['channel_id']}>: "
        f"https://discord.com/channels/{f['server_id']}/{f['channel_id']}/{f['message_id']}"
    ),
    "drop_edited": lambda f: (
        (
            f"The drop is changed:\n{drop_line(f['drop'])}"
            if not f["drop"]["end_reason"]
            else f"The drop {drop_name(f['drop'])} has ended with that: {count(f['drop']['claims_count'], 'claim')} of "
            f"{number(f['drop']['max_claims'])} are taken."
        )
        + after_change(f)
    ),
    "drop_unchanged": lambda f: (
        f"Nothing has changed: the drop is as you want it already, or you have said nothing to change.\n"
        f"{drop_line(f['drop'])}"
    ),
    "drop_closed": lambda f: f"The drop {drop_name(f['drop'])} has ended. It paid {paid(f['paid'])}.{after_change(f)}",
    "drop_cancelled": lambda f: (
        f"The drop {drop_name(f['drop'])} is cancelled. "
        + (f"What was paid stays paid: {paid(f['paid'])}." if f["paid"]["claims"] else "It has paid nothing.")
        + after_change(f)
    ),
    "nothing_to_export": lambda f: f"There is nothing to export yet: {NOTHING_YET[f['type']]}.",
    "drop_delayed": lambda f: (
        f"Discord is slow to take the message. The drop is saved and will appear in <#{f['channel_id']}> within "
        "a few minutes; there is no need to create it again."
    ),
}


def sentence(outcome: str, facts: Facts) -> str:
    """What to tell about an outcome."""
    return SENTENCES[outcome](facts)


# --- Parts of sentences

HOW_TO_EARN = "Check in with `/daily`, press the button of a drop, or see `/cooldowns` for what you can take."


def no_such_event(facts: Facts) -> str:
    """That an event does not exist, told to an admin, with those that do."""
    there = fitting([code(cut(event, 100)) for event in facts["events"]], 1_000)
    known = (
        f"There {'is' if len(facts['events']) == 1 else 'are'} {', '.join(there)}." if there else "There is none yet."
    )
    return (
        f"There is no event {code(cut(facts['event'], 100))} in this server. {known} "
        "A full admin sees them with `/config events list`, and creates one with `/config events create`."
    )


def total_of(member_id: str) -> str:
    """The beginning of a sentence about somebody's total."""
    return f"The total of <@{member_id}> is"


def made_of(facts: Facts) -> str:
    """How an amount came about, where a bonus played a part: (10 RSNC, streak of 7 days ×1.25, role ×2)."""
    parts = [
        f"streak of {count(facts['streak'], 'day')} ×{number(facts['streak_multiplier'])}"
        if facts["streak_multiplier"] > 1
        else "",
        f"role ×{number(facts['role_multiplier'])}" if facts["role_multiplier"] > 1 else "",
        f"role +{amount(facts['flat'])}" if facts["flat"] > 0 else "",
    ]
    bonuses = [part for part in parts if part]
    return f" ({', '.join([amount(facts['base']), *bonuses])})" if bonuses else ""


def place(taken: int, limit: int | None) -> str:
    """A place among the claims: 7 of 100."""
    return f"number {number(taken)}" if limit is None else f"{number(taken)} of {number(limit)}"


def milestone(facts: Facts) -> str:
    """How far it is to the next milestone; empty where there is none."""
    following = facts.get("next_milestone")
    if not following:
        return ""
    days = following["days"] - facts["streak"]
    return f"{count(days, 'more day')} to the {number(following['days'])}-day bonus of {amount(following['reward'])}. "


def reached(facts: Facts) -> str:
    """When a streak can be long enough."""
    if facts["reached_at"]:
        return f"With `/daily` on every day you reach it {moment(facts['reached_at'])}."
    return "Check in today with `/daily`, and you reach it."


def event_line(event: Facts) -> str:
    """An event as one line of a list."""
    limits = [
        f"once in {count(event['cooldown_hours'], 'hour')}" if event["cooldown_hours"] else "",
        f"{number(event['max_claims'])} a member" if event["max_claims"] is not None else "",
        f"{number(event['max_total_claims'])} in all" if event["max_total_claims"] is not None else "",
        claimable(event) if event["claimable"] else "",
        "brand-wide" if event["brand_wide"] else "",
        "" if event["enabled"] else "**off**",
    ]
    label = f" {line(event['label'], 80)}" if event["label"] else ""
    return ", ".join([f"`{event['event']}`{label}: **{amount(event['reward'])}**", *filter(None, limits)])


def claimable(event: Facts) -> str:
    """That members may take an event themselves, loudly where they may at every moment."""
    limits = (event["cooldown_hours"], event["max_claims"], event["max_total_claims"])
    return "claimable by members" + (" **without any limit**" if limits == (None, None, None) else "")


EVENT_LIST_LIMIT = 1_700  # of a message's 2,000 characters; the rest is for the sentences around the list


def event_list(events: list[Facts]) -> str:
    """Events as lines, as many as a message has room for."""
    return "\n".join(fitting([event_line(event) for event in events], EVENT_LIST_LIMIT))


def limit_reached(facts: Facts) -> str:
    """That a member cannot earn an event any more."""
    if not facts["limit"]:
        return f"**{line(facts['event'], 80)}** cannot be earned at the moment."
    return (
        f"You have earned **{line(facts['event'], 80)}** as often as one member can: {count(facts['limit'], 'time')}."
    )


def total_limit_reached(facts: Facts) -> str:
    """That nobody can earn an event any more."""
    if not facts["limit"]:
        return f"**{line(facts['event'], 80)}** cannot be earned at the moment."
    taken = "is" if facts["limit"] == 1 else "are"
    return f"**{line(facts['event'], 80)}** is used up: this server's {count(facts['limit'], 'claim')} {taken} taken."


def once_more(facts: Facts) -> str:
    """When an event can be claimed again, and how often; empty where nothing limits it."""
    claims_left = facts.get("claims_left")
    if claims_left == 0:
        return "That was the last time that you could take it. "
    left = f"You can take it {count(claims_left, 'more time')}" if claims_left is not None else ""
    last = ", while this server's claims last" if facts.get("is_shared") else ""
    if not facts["retry_at"]:
        return f"{left}{last}. " if left else ""
    return f"{left or 'You can take it again'}{', next' if left else ''} {moment(facts['retry_at'])}{last}. "


def bonuses(milestones: list[Facts]) -> str:
    """Streak bonuses in a row: 7 days (50 RSNC), 30 days (200 RSNC)."""
    listed = [f"{count(m['days'], 'day')} ({amount(m['reward'])})" for m in milestones]
    return ", ".join(fitting(listed, 1_000))


def streak(facts: Facts) -> str:
    """How long a member's streak is, and what it is worth."""
    longest = f" Your longest was {count(facts['longest'], 'day')}." if facts["longest"] > facts["streak"] else ""
    has_worth = facts["streak"] and facts["multiplier"] > 1
    worth = f" It multiplies your rewards: ×{number(facts['multiplier'])}." if has_worth else ""
    return f"{current_streak(facts['streak'])}.{worth}{longest}"


def current_streak(streak: int, *, is_own: bool = True) -> str:
    """How long a streak is, without the full stop."""
    if not streak:
        return f"{'You' if is_own else 'They'} have no streak at the moment"
    return f"{'Your' if is_own else 'Their'} streak is **{count(streak, 'day')}**"


def next_check_in(facts: Facts) -> str:
    """When to check in next, and what is lost without it."""
    if not facts["is_open"]:
        return "The daily check-in is closed at the moment."
    opens = (
        f"The next check-in opens {moment(facts['next_at'])}." if facts["next_at"] else "Check in now with `/daily`."
    )
    return f"{opens} Your streak ends {moment(facts['deadline'])} without it." if facts["deadline"] else opens


def waiting(facts: Facts) -> str:
    """Which bonuses are reached and not taken; empty where there are none."""
    listed = bonuses(facts["milestones"])
    return f"Waiting for you: the bonus for {listed}. Take it with `/streak claim`." if listed else ""


def paid(paid: Facts) -> str:
    """What a drop has paid: 15 RSNC to 3 members."""
    return f"**{amount(paid['amount'])}** to {count(paid['claims'], 'member')}" if paid["claims"] else "nothing"


def after_change(facts: Facts) -> str:
    """What an admin has to know of the message of a drop that was changed; nothing where it shows the change."""
    return {
        "shown": "",
        "later": "\nIts message follows within a few minutes.",
        "refused": f"\nDiscord did not let me change its message: {facts.get('problem')}. I try again later.",
        "gone": "\nIts message has been deleted, so nobody can claim it any more: the drop is closed.",
    }[facts["message"]]


# --- Why Discord refused a message

DISCORD_PROBLEMS = {
    0: "it did not say why; if this happens again, the bot's token may have been reset",
    10003: "the channel no longer exists",
    50001: "I cannot see that channel; give me View Channel there",
    50013: "I lack a permission there; give me Send Messages and Embed Links",
    50008: "that kind of channel takes no messages",
    50083: "the thread is archived; write something in it, then try again",
    160002: "I cannot read older messages there; give me Read Message History",
    160005: "the thread is locked",
}


REFUSED_BEFORE = "it refused the message before"


def discord_problem(code: int) -> str:
    """Why Discord refused, and what helps."""
    return DISCORD_PROBLEMS.get(code, f"it gave the error {code}")


# --- Options that cannot be

FORM_AGAIN = "Then open the form once more."


def option_problems(problems: list[tuple[str, str]]) -> str:
    """What is wrong with the options of a command."""
    lines = [f"{code(cut(name, 100))} {_said(problem)}" for name, problem in problems]
    return "Nothing has changed. Please check:\n" + "\n".join(lines)


def _said(problem: str) -> str:
    """A validation message as the end of a sentence about the option."""
    said = problem.removeprefix("Value error, ").replace("Field required", "is missing")
    said = said.replace("Extra inputs are not permitted", "is not an option of this command")
    said = re.sub(r", (unable to (parse|interpret)|got a number) .*", "", said)
    said = re.sub(r"Unable to parse .* maximum size", "should be a smaller number", said)
    said = re.sub(r"should match pattern .*", "should be picked from what Discord offers", said)
    return said.removeprefix("Input ").removeprefix("String ")
