"""A sentence stands in one piece in the code: translators get whole sentences, and two cases are two sentences."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import TypeGuard

import pytest

from tests import ROOT

SPEAKING = sorted(path for part in ("features", "interactions") for path in (ROOT / "shared" / part).rglob("*.py"))
NEVER_FIRST, NEVER_LAST = (" ", ",", ";", ".", ")"), (" ", "(")  # what begins and ends is a piece of a sentence


def glued(tree: ast.AST) -> list[str]:
    """Where a text of a module is a piece of a sentence, or is put together of pieces."""
    found = [ast.unparse(text) for text in _texts(tree) if _is_piece(text)]
    for node in ast.walk(tree):
        if isinstance(node, ast.FormattedValue) and _holds(node.value, ast.IfExp):  # a word for each case
            found.append(ast.unparse(node.value))
        is_sum = isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Add)
        if is_sum and any(isinstance(part, ast.JoinedStr) or _is_words(part) for part in ast.iter_child_nodes(node)):
            found.append(ast.unparse(node))
    return found


def _texts(tree: ast.AST) -> Iterator[ast.Constant | ast.JoinedStr]:
    """The texts but docstrings, the parts of other texts, and those that methods of texts are called of or with."""
    passed_over: set[ast.AST | None] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            passed_over.add(node.value)
        elif isinstance(node, ast.JoinedStr):
            passed_over |= {part.format_spec if isinstance(part, ast.FormattedValue) else part for part in node.values}
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            passed_over |= {node.func.value, *(node.args if node.func.attr in dir(str) else [])}
    for node in ast.walk(tree):
        if node not in passed_over and (isinstance(node, ast.JoinedStr) or _is_words(node)):
            yield node


def _is_words(node: ast.AST) -> TypeGuard[ast.Constant]:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and any(map(str.isalpha, node.value))


def _is_piece(text: ast.Constant | ast.JoinedStr) -> bool:
    parts = text.values if isinstance(text, ast.JoinedStr) else [text]
    first, last = (part.value if isinstance(part, ast.Constant) else "x" for part in (parts[0], parts[-1]))
    return str(first).lstrip("\n").startswith(NEVER_FIRST) or str(last).endswith(NEVER_LAST)


def _holds(node: ast.AST, kind: type[ast.AST]) -> bool:
    return any(isinstance(each, kind) for each in ast.walk(node))


@pytest.mark.parametrize("path", SPEAKING, ids=lambda path: path.relative_to(ROOT / "shared").as_posix())
def test_no_sentence_is_glued_from_pieces(path: Path) -> None:
    assert glued(ast.parse(path.read_text())) == []


@pytest.mark.parametrize(
    "code",
    [
        "said = f\"{drops} of it {'ends' if drops == 1 else 'end'} with it.\"",
        'why = f", because {channel} is excluded" if channel else ""',
        'note = "\\n, later"',
        'rest = " Those that are open live on."',
        'said = "It ends" + (" now." if now else " later.")',
        'text += f" {why}"',
        'heading = "Only "',
    ],
)
def test_glue_is_found(code: str) -> None:
    assert glued(ast.parse(code))


@pytest.mark.parametrize(
    "code",
    [
        '"""Say what a drop pays, """',
        'said = "It is on." if is_on else "It is off."',
        'said = " ".join(sentences)',
        'figures = ", ".join([f"{count(claims, \'claim\')} so far", f"ends {moment(at)}"])',
        'is_below = name.startswith(f"{group} ")',
        "total += 1",
        'def f():\n    """A docstring, """',
    ],
)
def test_whole_sentences_and_lists_are_not(code: str) -> None:
    assert not glued(ast.parse(code))
