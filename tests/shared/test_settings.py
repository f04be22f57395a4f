"""The environment is read once, and what is wrong with it is named without its values."""

import base64
import json

import pytest
from nacl.signing import SigningKey

from infra.local.keys import Keys
from shared.settings import DatabaseSettings, DiscordSettings, EventSettings, SettingsError, SignatureSettings

ONE, OTHER = (SigningKey(bytes([n] * 32)).verify_key for n in (1, 2))
KEYS = Keys("x" * 48, "ab" * 32, "775799577604522054", "Nzc1.G4bcdE.abc-_123", "p" * 32, "cd" * 32)
NAMES = (
    "SUPABASE_URL",
    "SUPABASE_REST_URL",
    "SUPABASE_SECRET_KEY",
    "SECRET_ARN",
    "DISCORD_APPLICATION_ID",
    "DISCORD_PUBLIC_KEY",
    "DISCORD_BOT_TOKEN",
    "DISCORD_API_URL",
)


@pytest.fixture(autouse=True)
def empty(monkeypatch: pytest.MonkeyPatch) -> None:
    """None of our variables is set."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


def test_the_rest_url_of_a_supabase_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPABASE_SECRET_KEY", "sb_secret_s")
    for url in ("https://x.supabase.co", "https://x.supabase.co/"):
        monkeypatch.setenv("SUPABASE_URL", url)
        assert DatabaseSettings.load().rest_url == "https://x.supabase.co/rest/v1"


def test_a_bare_postgrest_is_named_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPABASE_SECRET_KEY", "sb_secret_s")
    monkeypatch.setenv("SUPABASE_URL", "https://x.supabase.co")
    monkeypatch.setenv("SUPABASE_REST_URL", "http://127.0.0.1:3000")
    assert DatabaseSettings.load().rest_url == "http://127.0.0.1:3000"


@pytest.mark.parametrize("settings", [DatabaseSettings, DiscordSettings])
def test_secrets_do_not_show(
    monkeypatch: pytest.MonkeyPatch, settings: type[DatabaseSettings | DiscordSettings]
) -> None:
    for name in NAMES:
        monkeypatch.setenv(name, "5" if name == "DISCORD_APPLICATION_ID" else "sb_secret_xyzzy")
    loaded = settings.load()
    secret = loaded.secret_key if isinstance(loaded, DatabaseSettings) else loaded.bot_token
    assert secret.get_secret_value() == "sb_secret_xyzzy"
    assert "xyzzy" not in repr(secret)
    assert "xyzzy" not in str(secret)


def test_settings_do_not_change(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_PUBLIC_KEY", ONE.encode().hex())
    with pytest.raises(ValueError, match="frozen"):
        SignatureSettings.load().public_keys = ()


@pytest.mark.parametrize("missing", ["", None])
def test_everything_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, missing: str | None) -> None:
    if missing is not None:
        monkeypatch.setenv("DISCORD_BOT_TOKEN", missing)
    with pytest.raises(SettingsError) as caught:
        DiscordSettings.load()
    assert "DISCORD_APPLICATION_ID" in str(caught.value)
    assert "DISCORD_BOT_TOKEN" in str(caught.value)


def test_a_database_without_an_address_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPABASE_SECRET_KEY", "sb_secret_s")
    with pytest.raises(SettingsError, match="SUPABASE_URL"):
        DatabaseSettings.load()


def test_discords_address_has_its_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_APPLICATION_ID", "1")
    monkeypatch.setenv("DISCORD_BOT_TOKEN", "t")
    assert DiscordSettings.load().api_url == "https://discord.com/api/v10"


@pytest.mark.parametrize("separator", [",", ", ", " , "])
def test_several_keys_while_one_is_changed(monkeypatch: pytest.MonkeyPatch, separator: str) -> None:
    monkeypatch.setenv("DISCORD_PUBLIC_KEY", separator.join([ONE.encode().hex(), OTHER.encode().hex().upper()]))
    assert SignatureSettings.load().public_keys == (ONE, OTHER)


@pytest.mark.parametrize("key", ["zz", "00", ONE.encode().hex()[:-2], f"{ONE.encode().hex()},", "no key at all"])
def test_a_key_that_is_none_is_refused_without_being_shown(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("DISCORD_PUBLIC_KEY", key)
    with pytest.raises(SettingsError) as caught:
        SignatureSettings.load()
    assert "DISCORD_PUBLIC_KEY" in str(caught.value)
    assert key not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_the_keys_of_programs_may_be_several_or_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVENT_PUBLIC_KEYS", "")
    assert EventSettings.load().public_keys == ()
    monkeypatch.delenv("EVENT_PUBLIC_KEYS")
    assert EventSettings.load().public_keys == ()
    monkeypatch.setenv("EVENT_PUBLIC_KEYS", f"{ONE.encode().hex()}, {OTHER.encode().hex()}")
    assert EventSettings.load().public_keys == (ONE, OTHER)
    monkeypatch.setenv("EVENT_PUBLIC_KEYS", ONE.encode().hex()[1:])
    with pytest.raises(SettingsError, match="EVENT_PUBLIC_KEYS"):
        EventSettings.load()


# --- The kinds of Supabase's keys


def jwt_of(claims: object) -> str:
    """A key as old projects have them, with a signature that nobody looks at here."""
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJIUzI1NiJ9.{payload}.xyzzy-signature"


@pytest.mark.parametrize(
    "key",
    [
        "sb_secret_N7UND0UgjKTVK-Uodkm0Hg_xSvEMPvz",
        jwt_of({"iss": "supabase", "ref": "abcdefgh", "role": "service_role", "iat": 1, "exp": 2}),
        KEYS.service_key,
    ],
)
def test_a_key_that_may_do_everything_is_taken(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("SUPABASE_URL", "https://x.supabase.co")
    monkeypatch.setenv("SUPABASE_SECRET_KEY", f"{key}\n")  # as it comes from a file
    assert DatabaseSettings.load().secret_key.get_secret_value() == key


@pytest.mark.parametrize(
    ("key", "complaint"),
    [
        ("sb_publishable_xyzzy", "this is a publishable key, for browsers"),
        ("sb_other_xyzzy", "this is a publishable key, for browsers"),
        (KEYS.anon_key, "this is the anon key, for browsers"),
        (jwt_of({"role": "authenticated", "sub": "xyzzy"}), "this is the key of another role"),
        (jwt_of({"role": "xyzzy"}), "this is the key of another role"),
        (jwt_of({"role": ["service_role"]}), "this is the key of another role"),
        (jwt_of({"sub": "xyzzy"}), "this is no key of Supabase"),
        (jwt_of("service_role"), "this is no key of Supabase"),
        (jwt_of(["service_role"]), "this is no key of Supabase"),
        (jwt_of(None), "this is no key of Supabase"),
        ("eyJhbGciOiJIUzI1NiJ9.xyzzy.signature", "this is no key of Supabase"),
        ("eyJhbGciOiJIUzI1NiJ9.////.signature", "this is no key of Supabase"),
        (jwt_of({"role": "service_role"}).rpartition(".")[0], "this is no key of Supabase"),
        ("postgresql://postgres:xyzzy@db.x.supabase.co:5432/postgres", "this is no key of Supabase"),
        ("xyzzy", "this is no key of Supabase"),
        ("schlüssel", "this is no key of Supabase"),
    ],
)
def test_another_key_is_refused_with_what_to_use(monkeypatch: pytest.MonkeyPatch, key: str, complaint: str) -> None:
    monkeypatch.setenv("SUPABASE_URL", "https://x.supabase.co")
    monkeypatch.setenv("SUPABASE_SECRET_KEY", key)
    with pytest.raises(SettingsError) as caught:
        DatabaseSettings.load()
    assert f"SUPABASE_SECRET_KEY ({complaint}; use a secret key, sb_secret_..., or" in str(caught.value)
    assert "xyzzy" not in str(caught.value)
    assert key not in str(caught.value)
    assert caught.value.__suppress_context__
