"""The settings, from the environment and the secret, as frozen models. Each function loads only the parts it needs."""

import base64
import json
import os
from typing import Annotated, Any, Self

from nacl.signing import VerifyKey
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from pydantic_core import PydanticCustomError

from shared import secret


class SettingsError(Exception):
    """The environment lacks settings or holds wrong ones; the message names them all and no value."""


class Settings(BaseModel):
    """A part of the environment; each field's alias is the name of its variable."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    @classmethod
    def load(cls) -> Self:
        """Read this part. The secret wins over the environment; empty values count as absent. Raises SettingsError."""
        try:
            variables = os.environ | secret.read()
            stripped = {name: value.strip() for name, value in variables.items()}  # a file ends with a line break
            return cls.model_validate({name: value for name, value in stripped.items() if value})
        except secret.SecretError as error:
            raise SettingsError(str(error)) from None
        except ValidationError as error:
            problems = ", ".join(f"{problem['loc'][0]} ({_problem(problem)})" for problem in error.errors())
            # Drop the cause: it prints the values, and some of them are secret.
            raise SettingsError(f"Wrong or missing in the environment: {problems}") from None


_WRONG_KEY = "wrong_key"


def _problem(error: Any) -> str:
    """Our own message, else pydantic's name for the problem: its messages may repeat the value."""
    return str(error["msg"] if error["type"] == _WRONG_KEY else error["type"])


def _privileged(key: SecretStr) -> SecretStr:
    """Refuse a key of another role now, not at the first click."""
    complaint = _complaint(key.get_secret_value())
    if complaint:
        advice = "use a secret key, sb_secret_..., or the legacy service_role key: Project Settings > API Keys"
        raise PydanticCustomError(_WRONG_KEY, f"{complaint}; {advice}")
    return key


def role_of(key: str) -> str | None:
    """The role that a legacy key, a JWT, names; None where it is no such key. Does not verify it."""
    try:
        _, payload, _ = key.split(".")
        return str(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["role"])
    except (ValueError, TypeError, KeyError):
        return None


def _complaint(key: str) -> str | None:
    """Say why a key is not service_role's, None where it is."""
    if key.startswith("sb_secret_"):
        return None
    if key.startswith("sb_"):
        return "this is a publishable key, for browsers"
    role = role_of(key)
    if role is None:
        return "this is no key of Supabase"
    if role == "service_role":
        return None
    return "this is the anon key, for browsers" if role == "anon" else "this is the key of another role"


class DatabaseSettings(Settings):
    """The Supabase project, and a key of its service_role."""

    supabase_url: str = Field(alias="SUPABASE_URL")
    postgrest_url: str = Field("", alias="SUPABASE_REST_URL")
    secret_key: Annotated[SecretStr, AfterValidator(_privileged)] = Field(alias="SUPABASE_SECRET_KEY")

    @property
    def rest_url(self) -> str:
        """The base URL of the REST interface: Supabase's, unless that of a bare PostgREST is given."""
        return self.postgrest_url or f"{self.supabase_url.rstrip('/')}/rest/v1"


class DiscordSettings(Settings):
    """The Discord application and the token of its bot."""

    application_id: str = Field(alias="DISCORD_APPLICATION_ID", pattern=r"^[0-9]{1,20}$")
    bot_token: SecretStr = Field(alias="DISCORD_BOT_TOKEN")
    api_url: str = Field("https://discord.com/api/v10", alias="DISCORD_API_URL")


def _verify_keys(hex_keys: str) -> tuple[VerifyKey, ...]:
    return tuple(VerifyKey(bytes.fromhex(key.strip())) for key in hex_keys.split(","))


class SignatureSettings(Settings):
    """The public keys that verify interactions: one, or several, by commas, while a key is changed."""

    public_keys: Annotated[tuple[VerifyKey, ...], BeforeValidator(_verify_keys)] = Field(alias="DISCORD_PUBLIC_KEY")


class EventSettings(Settings):
    """The public keys of the operator's programs, by commas, which send events of any server; there may be none."""

    public_keys: Annotated[tuple[VerifyKey, ...], BeforeValidator(_verify_keys)] = Field((), alias="EVENT_PUBLIC_KEYS")
