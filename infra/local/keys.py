"""The secrets of a Supabase project and of a Discord application, made once for a local stack."""

import base64
import json
import os
import secrets
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import jwt
from nacl.signing import SigningKey

DISCORD_EPOCH = 1_420_070_400_000  # milliseconds; snowflakes count from here
YEAR_2100 = 4_102_444_800


@dataclass(frozen=True)
class Keys:
    """The secrets that are stored; the other keys are derived from them."""

    jwt_secret: str
    signing_key: str  # the Ed25519 seed, hex
    application_id: str
    bot_token: str
    database_password: str
    events_signing_key: str  # that of a program of the operator's, which sends events; an Ed25519 seed, hex

    @classmethod
    def make(cls) -> "Keys":
        """New keys, in the shapes that Supabase and Discord give them."""
        application_id = str((time.time_ns() // 1_000_000 - DISCORD_EPOCH) << 22)
        owner = base64.urlsafe_b64encode(application_id.encode()).decode().rstrip("=")
        return cls(
            jwt_secret=secrets.token_urlsafe(48),
            signing_key=SigningKey.generate().encode().hex(),
            application_id=application_id,
            bot_token=f"{owner}.{secrets.token_urlsafe(4)}.{secrets.token_urlsafe(28)}",
            database_password=secrets.token_urlsafe(24),
            events_signing_key=SigningKey.generate().encode().hex(),
        )

    @classmethod
    def load(cls, path: Path) -> "Keys":
        """The keys at `path`; makes those that it lacks, all of them at first."""
        stored = json.loads(path.read_text()) if path.exists() else {}
        keys = asdict(cls.make()) | stored
        if keys != stored:
            write_private(path, json.dumps(keys, indent=2))
        return cls(**keys)

    @property
    def service_key(self) -> str:
        """The JWT that makes PostgREST act as service_role."""
        return self._token("service_role")

    @property
    def anon_key(self) -> str:
        """The JWT of anon, which is no secret."""
        return self._token("anon")

    @property
    def public_key(self) -> str:
        """The Ed25519 key, in hex, that verifies the signatures of the local Discord."""
        return _public(self.signing_key)

    @property
    def events_public_key(self) -> str:
        """The Ed25519 key, in hex, that verifies the operator's events."""
        return _public(self.events_signing_key)

    def _token(self, role: str) -> str:
        return jwt.encode({"iss": "supabase", "role": role, "exp": YEAR_2100}, self.jwt_secret, algorithm="HS256")


def _public(signing_key: str) -> str:
    return SigningKey(bytes.fromhex(signing_key)).verify_key.encode().hex()


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, atomically: readers see the old text or the new one."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text + "\n")
    draft.replace(path)
