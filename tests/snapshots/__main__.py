"""Write the snapshots anew, from a database of its own.

python -m tests.snapshots            # of what this checkout is
python -m tests.snapshots release    # and, when a release goes out, of how it is spoken to (release.json)
"""

import sys
import tempfile
from pathlib import Path

import psycopg

from infra.doctor.surface import SNAPSHOT as SURFACE
from infra.local.keys import Keys
from infra.local.supabase import LocalSupabase
from tests import ROOT, snapshots
from tests.snapshots import access, release


def main() -> None:
    """Start, look, write."""
    with tempfile.TemporaryDirectory() as directory:
        project = LocalSupabase(Path(directory), Keys.make())
        try:
            project.start()
            with psycopg.connect(project.postgres.url()) as connection:
                write(SURFACE, snapshots.surface(connection))
                write(access.DOCUMENT, access.document(connection))
                if sys.argv[1:] == ["release"]:
                    write(snapshots.DIRECTORY / "release.json", str(release.current(connection)))
            schema = snapshots.schema(project.postgres.socket_url(), project.postgres.bin_path / "pg_dump")
            write(snapshots.DIRECTORY / "schema.sql", schema)
        finally:
            project.stop()
    write(snapshots.DIRECTORY / "commands.json", snapshots.commands())


def write(path: Path, text: str) -> None:
    """Write a snapshot, and say so if it changed."""
    if not path.exists() or path.read_text() != text:
        path.write_text(text)
        print(f"{path.relative_to(ROOT)} has changed: read the difference")


if __name__ == "__main__":
    main()
