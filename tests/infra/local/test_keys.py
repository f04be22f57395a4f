"""infra.local.keys: made once, and what a later release adds is added."""

import json
import stat
from pathlib import Path

from infra.local.keys import Keys


def test_keys_are_made_once(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    made = Keys.load(path)
    assert Keys.load(path) == made
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_keys_of_an_earlier_release_stay_and_the_password_is_added_for_good(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    made = Keys.load(path)
    stored = json.loads(path.read_text())
    del stored["database_password"]
    path.write_text(json.dumps(stored))
    loaded = Keys.load(path)
    assert (loaded.jwt_secret, loaded.signing_key, loaded.bot_token) == (
        made.jwt_secret,
        made.signing_key,
        made.bot_token,
    )
    assert loaded.database_password != made.database_password
    assert Keys.load(path) == loaded
