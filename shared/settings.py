"""The environment as frozen models, read once at cold start. A function reads only the parts that it needs."""

import os
from typing import Annotated, Self

from nacl.signing import VerifyKey
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError


class SettingsError(Exception):
    """The environment lacks settings or holds wrong ones; the message names them all and no value."""


class Settings(BaseModel):
    """A part of the environment; each field's alias is the name of its variable."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    @classmethod
    def load(cls) -> Self:
        """Read this part from the environment; empty variables count as absent. Raises SettingsError."""
        try:
            return cls.model_validate({name: value for name, value in os.environ.items() if value})
        except ValidationError as error:
            problems = ", ".join(f"{problem['loc'][0]} ({problem['type']})" for problem in error.errors())
            # The cause would print the values, and some of them are secrets.
            raise SettingsError(f"Wrong or missing in the environment: {problems}") from None


class DatabaseSettings(Settings):
    """Where the Supabase project is, and the key that makes us service_role there."""

    supabase_url: str = Field(alias="SUPABASE_URL")
    postgrest_url: str = Field("", alias="SUPABASE_REST_URL")
    secret_key: SecretStr = Field(alias="SUPABASE_SECRET_KEY")

    @property
    def rest_url(self) -> str:
        """The base of the REST interface: Supabase's, unless a bare PostgREST is named."""
        return self.postgrest_url or f"{self.supabase_url.rstrip('/')}/rest/v1"


class DiscordSettings(Settings):
    """Which application we are, and how we speak for it."""

    application_id: str = Field(alias="DISCORD_APPLICATION_ID")
    bot_token: SecretStr = Field(alias="DISCORD_BOT_TOKEN")
    api_url: str = Field("https://discord.com/api/v10", alias="DISCORD_API_URL")


def _verify_keys(hex_keys: str) -> tuple[VerifyKey, ...]:
    return tuple(VerifyKey(bytes.fromhex(key.strip())) for key in hex_keys.split(","))


class SignatureSettings(Settings):
    """The public keys that interactions may be signed with: one, or several while a key is changed."""

    public_keys: Annotated[tuple[VerifyKey, ...], BeforeValidator(_verify_keys)] = Field(alias="DISCORD_PUBLIC_KEY")
