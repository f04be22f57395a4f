"""The documents name what there is: commands, files, headings, targets of make, modules."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.interactions.registry import REGISTRY, Level
from tests import ROOT

README = ROOT / "README.md"
COMMANDS = ROOT / "docs" / "commands.md"
ARCHITECTURE = ROOT / "docs" / "architecture.md"
DOCUMENTS = [README, ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("docs/*.md"))]
README_LINES = 150

WHO = {
    Level.MEMBER: "members",
    Level.VIEWER: "viewers",
    Level.PERK_MANAGER: "perk managers",
    Level.EVENT_MANAGER: "event managers",
    Level.FULL_ADMIN: "full admins",
}

CODE = re.compile(r"```.*?```|`[^`]+`", re.DOTALL)
PATH = re.compile(r"(?<![\w./-])(?:functions|shared|infra|tests|docs|\.ci)/[^\s`\"'(),;:|#]*")
FILE_AT_THE_TOP = re.compile(r"(?<![\w./-])\w[\w.-]*\.(?:md|py|sql|sh|toml|yaml)(?![\w./-])")
PLACEHOLDER = re.compile(r"[^/]*[<*…].*")  # from the first part of a path that stands for several
MAKE = re.compile(r"\bmake(?: [A-Z0-9]+=\S+)* ([a-z-]+)")
MODULE = re.compile(r"-m ((?:infra|tests)(?:\.\w+)*)")
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)#?([^)\s]*)\)")

in_every_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)


# --- What documents name


def code(text: str) -> str:
    """What is set as code, in a line or in a block."""
    return "\n".join(CODE.findall(text))


def paths(text: str) -> set[str]:
    """The paths of this repository that are set as code, as far as they name one file or folder."""
    found = PATH.findall(code(text)) + FILE_AT_THE_TOP.findall(code(text))
    return {PLACEHOLDER.sub("", path) for path in found}


def links(document: Path) -> Iterator[tuple[Path, str]]:
    """The files that a document links to, and the heading in each, if any."""
    for target, heading in LINK.findall(CODE.sub("", document.read_text())):
        yield (document.parent / target if target else document), heading


def headings(document: Path) -> set[str]:
    """The headings of a document, as GitHub names them in links."""
    found = re.findall(r"^#+ (.+)$", CODE.sub("", document.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in found}


def folders(top: str) -> set[str]:
    """A folder at the top, and those in it that hold files."""
    inside = [path for path in (ROOT / top).iterdir() if not path.name.startswith("_") and any(path.glob("*.*"))]
    return {f"{top}/", *(f"{path.relative_to(ROOT)}/" for path in inside)}


def rows(document: Path) -> list[list[str]]:
    """The rows of a document's tables, cell by cell."""
    found = re.findall(r"^\| (.+) \|$", document.read_text(), re.MULTILINE)
    return [row.split(" | ") for row in found]


def targets() -> set[str]:
    """The targets of the Makefile that a person calls."""
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def is_runnable(module: str) -> bool:
    """Can `python -m` run it?"""
    path = ROOT / module.replace(".", "/")
    return path.with_suffix(".py").exists() or (path / "__main__.py").exists()


def test_what_counts_as_named() -> None:
    text = """
        See `infra/deploy/sam.sh sam`, `shared/features/<feature>.py`, `template.yaml`,
        but neither `.local/stack.json` nor docs/prose.md.
        ```
        make build && python -m infra.doctor --stack x  # `tests/a_*/b.py`, ../shared/out.json, https://x.org/docs/y
        make PYTHON3=python3.13 test; python -m tests.snapshots
        ```
        [a](b.md#c) ![d](e.png) [f](#g) [h](https://i.org)
    """
    assert paths(text) == {"infra/deploy/sam.sh", "shared/features/", "template.yaml", "tests/"}
    assert MAKE.findall(text) == ["build", "test"]
    assert MODULE.findall(text) == ["infra.doctor", "tests.snapshots"]
    assert LINK.findall(text) == [("b.md", "c"), ("e.png", ""), ("", "g")]


# --- What they name exists


@in_every_document
def test_every_path_exists(document: Path) -> None:
    assert sorted(path for path in paths(document.read_text()) if not (ROOT / path).exists()) == []


@in_every_document
def test_every_link_leads_somewhere(document: Path) -> None:
    assert [target for target, _ in links(document) if not target.exists()] == []
    assert [link for link in links(document) if link[1] and link[1] not in headings(link[0])] == []


@in_every_document
def test_every_target_of_make_exists(document: Path) -> None:
    assert set(MAKE.findall(code(document.read_text()))) - targets() == set()


@in_every_document
def test_every_module_can_be_run(document: Path) -> None:
    assert [module for module in MODULE.findall(code(document.read_text())) if not is_runnable(module)] == []


# --- What there is, they name


def test_the_readme_is_short_and_leads_to_every_document() -> None:
    assert len(README.read_text().splitlines()) <= README_LINES
    assert set(DOCUMENTS) - {README} - {target for target, _ in links(README)} == set()


def test_every_command_and_menu_is_in_the_table_with_who_may_use_it() -> None:
    declared = {f"`/{path}`": command.requires for path, command in REGISTRY.commands.items()}
    declared |= {f"Apps > {name}": menu.requires for name, menu in REGISTRY.menus.items()}
    told = [(row[0], row[1]) for row in rows(COMMANDS) if row[0].startswith(("`/", "Apps > "))]
    assert sorted(told) == sorted((name, WHO[level]) for name, level in declared.items())


def test_every_level_is_explained() -> None:
    assert [row[0] for row in rows(COMMANDS) if row[0] in WHO.values()] == list(WHO.values())


@pytest.mark.parametrize("top", ["functions", "shared", "infra"])
def test_the_architecture_names_every_folder(top: str) -> None:
    named = {row[0].strip("`") for row in rows(ARCHITECTURE)}
    assert folders(top) - named - {"infra/"} == set()


def test_the_architecture_tells_of_every_function_and_every_module_that_all_use() -> None:
    told = ARCHITECTURE.read_text()
    functions = [f"functions/{path.name}" for path in (ROOT / "functions").glob("*.py")]
    shared = [path.stem for path in (ROOT / "shared").glob("*.py") if path.stem != "__init__"]
    assert [name for name in functions + shared if name not in told] == []
