"""What is told about an exported file."""

from shared.format import Facts, count, number

DATA_SETS = {"rewards": "Rewards", "audit": "Audit log", "members": "Members", "config": "Settings and events"}
NOTHING_YET = {
    "rewards": "nobody has earned anything in this server",
    "audit": "nobody has changed anything in this server",
    "members": "nobody has done anything in this server",
}
_LEFT_OUT = {
    "members": "the members after the last one in it",
    "config": "the settings after the last one in it",
}
NOT_DEFERRED = "Discord did not answer in time, so there is no file this time. Please try again in a moment."
DATABASE_AWAY = (
    "Resonance's database stopped answering before the file was complete, so there is no file. "
    "Please try again in a moment."
)


def exported(facts: Facts) -> str:
    """What is in a file, and what is not."""
    said = f"{DATA_SETS[facts['type']]} of this server as a CSV file: {count(facts['rows'], 'row')}."
    if facts["left_out"]:
        said += f" {_left_out(facts)}"
    if facts["type"] != "config":
        said += "\nIn a spreadsheet, import the columns with ids as text: as numbers they would be rounded."
    return said


def _left_out(facts: Facts) -> str:
    """Why a file is not complete, and what it lacks."""
    why = {
        "size": f"Discord takes files of up to {megabytes(facts['limit'])} here",
        "time": "There was no time for more",
    }[facts["left_out"]]
    return f"{why}, so {_LEFT_OUT.get(facts['type'], 'older rows')} are left out."


def not_taken(limit: int) -> str:
    """That Discord refused the file."""
    return (
        "The file was ready, but Discord did not take it. Please try again in a few minutes; "
        f"it should be no larger than the {megabytes(limit)} that Discord allows here."
    )


def megabytes(size: int) -> str:
    """A size in bytes as Discord tells it: 10 MB."""
    return f"{number(size / 2**20)} MB"
