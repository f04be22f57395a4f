"""`make demo`: a day in a server, played on a throw-away stack and written down as it happens.

Members and Discord are played by the same client as in the tests; everything that answers them is real.
"""

import logging
import re
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from nacl.signing import SigningKey

from infra.fake_discord.callback_type import CallbackType
from infra.fake_discord.client import Client, Reply
from infra.fake_discord.delivery import http_sender
from infra.fake_discord.fake import FakeDiscord
from infra.fake_discord.members import ADMIN, ALICE, BOB, CAROL, DAVE, ERIN, Member
from infra.local.child import StackError
from infra.local.stack import Stack
from infra.playground.server import books
from shared.format import amount

GUILD_ID, CHANNEL_ID = "900000000000000001", "900000000000000002"
EVERYBODY = [ALICE, BOB, CAROL, DAVE, ERIN]
HOUR = 3600


class Day:
    """A server, its members, and the transcript of what they do."""

    def __init__(self, stack: Stack) -> None:
        assert stack.discord is not None
        self.stack = stack
        self.discord: FakeDiscord = stack.discord
        self.members = Client(
            send=http_sender(stack.description.interactions_url),
            signing_key=SigningKey(bytes.fromhex(stack.keys.signing_key)),
            application_id=stack.keys.application_id,
            guild_id=GUILD_ID,
            channel_id=CHANNEL_ID,
            commands=stack.discord.commands(),
            discord=stack.discord,
        )

    def run(self, member: Member, path: str, /, **options: Any) -> None:
        """A member sends a slash command."""
        reply = self.members.slash(path, user=member, **options)
        say(f"{member.name}: {typed(reply.interaction['data'])}")
        self._answered(reply, member)

    def connect(self) -> None:
        """An admin fills the form in: the brand's key stands in no command line."""
        here = self.stack.description
        form = self.members.slash("setup connect", user=ADMIN)
        say(f"{ADMIN.name}: /setup connect, and writes the brand's id and its connect key into the form")
        self._answered(form.submit(brand_id=here.brand_id, key=here.brand_key, name="Demo server"), ADMIN)

    def press(self, member: Member, message_id: str) -> None:
        """A member presses the button of a message."""
        say(f"{member.name} presses the button")
        self._answered(self._press(member, message_id), member)

    def rush(self, members: list[Member], message_id: str) -> None:
        """Members press the button of a message at the same moment."""
        say(f"{', '.join(member.name for member in members)} press the button")
        with ThreadPoolExecutor(len(members)) as pool:
            replies = list(pool.map(lambda member: self._press(member, message_id), members))
        for reply in sorted(replies, key=lambda reply: reply.kind or 0):
            self._answered(reply, reply.user)

    def _press(self, member: Member, message_id: str) -> Reply:
        """Press the first button even if it is disabled by now: a member's screen may be behind."""
        message = self.discord.message(message_id)
        custom_id = message["components"][0]["components"][0]["custom_id"]
        data = {"component_type": 2, "custom_id": custom_id, "id": 1}
        return self.members.interact(3, data, member, message=message)

    def show(self, message_id: str) -> None:
        """Print a message as everybody sees it in the channel."""
        message = self.discord.message(message_id)
        for embed in message["embeds"]:
            self._block("in the channel", f"{embed['title']}\n{embed['description']}")

    def pass_hours(self, hours: float) -> None:
        """Move the stack's clock forward."""
        self.stack.move_clock(hours * HOUR)
        say(f"… {hours:g} hours later")

    def schedule(self, name: str) -> None:
        """Run a scheduled function now."""
        invocation = self.stack.schedules.run(name)
        if invocation.error:
            raise StackError(f"{name} failed: {invocation.error}")
        counts = ", ".join(f"{number} {what}" for what, number in invocation.result.items())
        self._block(f"the schedule runs {name}", counts)

    def _answered(self, reply: Reply, member: Member) -> None:
        if reply.kind == CallbackType.UPDATE:
            self.discord.edit_message(CHANNEL_ID, reply.interaction["message"]["id"], reply.data)
        seen = f"{member.name} sees the message change" if reply.kind == CallbackType.UPDATE else "everybody sees"
        self._block(f"only {member.name} sees" if reply.ephemeral else seen, reply.text)
        for name, content in reply.files.items() if reply.kind != CallbackType.UPDATE else ():
            self._block(f"{name}, {len(content)} bytes", content.decode("utf-8-sig").splitlines()[0])

    def _block(self, heading: str, body: str) -> None:
        """Indented lines of the transcript, with times, channels and members as Discord shows them."""
        body = re.sub(r"<t:([0-9]+):R>", lambda found: self._relative(int(found[1])), body)
        body = body.replace(f"<#{CHANNEL_ID}>", "#general").replace("**", "").replace("\n\n", "\n")
        for member in [*EVERYBODY, ADMIN]:
            body = body.replace(f"<@{member.id}>", f"@{member.name}")
        print(f"    {heading}:")
        for line in body.splitlines():
            print(f"    | {line}", flush=True)

    def _relative(self, at: int) -> str:
        hours = (at - self.stack.now()) / HOUR
        ahead = f"{abs(hours):.0f} hours" if abs(hours) >= 1.5 else f"{abs(hours) * 60:.0f} minutes"
        return f"in {ahead}" if hours > 0 else f"{ahead} ago"


def typed(data: dict[str, Any]) -> str:
    """A slash command as the member typed it."""
    words, options = [f"/{data['name']}"], data.get("options", [])
    while options and "options" in options[0]:
        words.append(options[0]["name"])
        options = options[0]["options"]
    return " ".join([*words, *(f"{option['name']}:{option['value']}" for option in options)])


def say(line: str) -> None:
    """Print a line of the transcript."""
    print(f"\n{line}", flush=True)


def play(day: Day) -> None:
    """Play the day, act by act."""
    for act in (server_setup, drop_race, check_ins, drop_expiry, streaks, claims, member_pages, admin_pages):
        act(day)


def server_setup(day: Day) -> None:
    """Connect the server and add an event."""
    title("An admin sets the server up")
    day.connect()
    day.run(ADMIN, "config events create", name="quest_complete", reward=40, label="Quest complete")


def drop_race(day: Day) -> None:
    """More members press than may claim."""
    title("A drop of 3, pressed by 5 members at the same moment")
    day.run(ADMIN, "drop create", event="quest_complete", lifespan="2h", max_claims=3, description="First come!")
    drop = day.discord.messages(CHANNEL_ID)[-1]["id"]
    day.show(drop)
    day.rush(EVERYBODY, drop)
    day.schedule("expire_drops")
    day.show(drop)


def check_ins(day: Day) -> None:
    """Members check in, once a day each."""
    title("Two check-ins")
    day.run(ALICE, "daily")
    day.run(BOB, "daily")
    day.run(BOB, "daily")


def drop_expiry(day: Day) -> None:
    """A click in time, and one too late."""
    title("A drop that runs out of time")
    day.run(ADMIN, "drop create", event="news_tracker", lifespan="1h")
    drop = day.discord.messages(CHANNEL_ID)[-1]["id"]
    day.press(ERIN, drop)
    day.pass_hours(1.5)
    day.press(DAVE, drop)
    day.schedule("expire_drops")
    day.show(drop)


def streaks(day: Day) -> None:
    """One member comes every day, another does not."""
    title("A streak that goes on, and one that lapses")
    day.pass_hours(22.5)  # a day after the first check-ins, at whatever time they were
    day.run(ALICE, "daily")
    day.pass_hours(24)
    day.schedule("reset_streaks")
    day.run(BOB, "daily")
    day.run(ALICE, "streak view")


def claims(day: Day) -> None:
    """Members claim rewards without a drop."""
    title("What members may take themselves")
    photo = {"name": "photo", "reward": 12, "label": "Photo of the day", "cooldown": 24, "claimable": True}
    day.run(ADMIN, "config events create", **photo)
    day.run(ERIN, "join")
    day.run(ERIN, "claim", event="photo")
    day.run(ERIN, "claim", event="photo")
    day.run(ERIN, "cooldowns")


def member_pages(day: Day) -> None:
    """A member looks at what they have."""
    title("Who has what")
    day.run(ERIN, "balance")
    day.run(ERIN, "history")
    day.run(ERIN, "leaderboard")


def admin_pages(day: Day) -> None:
    """An admin reads and changes the server's settings."""
    title("An admin looks after the server")
    day.run(ADMIN, "config streaks", grace=48, tiers="3:1.2, 10:2")
    day.run(ADMIN, "reward give", member=CAROL, event="photo", reason="The best one of the day")
    day.run(ADMIN, "config member disable", member=DAVE, reason="Spam")
    day.run(DAVE, "daily")
    day.run(ADMIN, "setup check")
    day.run(ADMIN, "stats", period="week")
    day.run(ADMIN, "audit")
    day.run(ADMIN, "export", type="rewards")


def title(text: str) -> None:
    """Print a heading of the transcript."""
    print(f"\n{'─' * 4} {text} {'─' * (74 - len(text))}", flush=True)


def settle(stack: Stack) -> bool:
    """Print the figures at the end of the day; return whether they agree."""
    title("The books at the end of the day")
    assert stack.supabase is not None
    with books.connect(stack.supabase.postgres.url()) as connection:
        row, agree = books.figures(connection, GUILD_ID), books.agree(connection, GUILD_ID)
    print(f"    in the ledger {amount(row['ledger'])}, in the members' stats {amount(row['stats'])}")
    print(f"    drop rows in the ledger {row['drop_rows']}, claims {row['claims']}, counters {row['counters']}")
    print("    They agree." if agree else "    THEY DO NOT AGREE.")
    return agree


def main() -> int:
    """Play the day; 1 when the stack cannot run or the books do not agree."""
    logging.basicConfig(format="%(message)s")
    logging.getLogger("infra.local").setLevel(logging.INFO)
    with tempfile.TemporaryDirectory(prefix="resonance-demo-") as directory:
        try:
            with Stack(Path(directory)) as stack:
                play(Day(stack))
                return 0 if settle(stack) else 1
        except StackError as error:
            print(error, file=sys.stderr)
            return 1


if __name__ == "__main__":
    sys.exit(main())
