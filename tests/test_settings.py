"""The environment is read once, and what is wrong with it is named without its values."""

import pytest
from nacl.signing import SigningKey

from shared.settings import DatabaseSettings, DiscordSettings, SettingsError, SignatureSettings

ONE, OTHER = (SigningKey(bytes([n] * 32)).verify_key for n in (1, 2))
NAMES = (
    "SUPABASE_URL",
    "SUPABASE_REST_URL",
    "SUPABASE_SECRET_KEY",
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
    monkeypatch.setenv("SUPABASE_SECRET_KEY", "s")
    for url in ("https://x.supabase.co", "https://x.supabase.co/"):
        monkeypatch.setenv("SUPABASE_URL", url)
        assert DatabaseSettings.load().rest_url == "https://x.supabase.co/rest/v1"


def test_a_bare_postgrest_is_named_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPABASE_SECRET_KEY", "s")
    monkeypatch.setenv("SUPABASE_URL", "https://x.supabase.co")
    monkeypatch.setenv("SUPABASE_REST_URL", "http://127.0.0.1:3000")
    assert DatabaseSettings.load().rest_url == "http://127.0.0.1:3000"


@pytest.mark.parametrize("settings", [DatabaseSettings, DiscordSettings])
def test_secrets_do_not_show(
    monkeypatch: pytest.MonkeyPatch, settings: type[DatabaseSettings | DiscordSettings]
) -> None:
    for name in NAMES:
        monkeypatch.setenv(name, "xyzzy")
    loaded = settings.load()
    secret = loaded.secret_key if isinstance(loaded, DatabaseSettings) else loaded.bot_token
    assert secret.get_secret_value() == "xyzzy"
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
    monkeypatch.setenv("SUPABASE_SECRET_KEY", "s")
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
