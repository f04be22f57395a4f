"""Help names every command, and it fits."""

from hypothesis import given
from hypothesis import strategies as st
from shared.text import help  # noqa: A004

from shared import format as figures


@given(st.lists(st.tuples(st.text("abc ", min_size=1, max_size=20), st.text(min_size=1, max_size=100)), max_size=120))
def test_help_fits_and_leaves_no_command_out(commands: list[tuple[str, str]]) -> None:
    page = help.help_page([(f"/{path}", description) for path, description in commands])
    assert len(page) <= figures.PAGE_LIMIT
    assert all(f"`/{path}`" in page for path, _ in commands)
