"""Who signed a request? Ed25519 over the timestamp and the raw bytes of the body: Discord's way, and programs' too.

Uses PyNaCl rather than `discord_interactions.verify_key`, which builds the key again for every request, prints what an
attacker sent, and takes one key where a rotation needs two.
"""

import re
import time
from collections.abc import Sequence

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

# A token of an interaction is valid for 15 minutes: nothing older can be answered. Nobody else needs longer.
WINDOW_SECONDS = 15 * 60

_KEY = re.compile(r"[0-9a-fA-F]{64}", re.ASCII)
_SIGNATURE = re.compile(r"[0-9a-fA-F]{128}", re.ASCII)
_TIMESTAMP = re.compile(r"[0-9]{1,12}", re.ASCII)


def verify_key(key: str) -> VerifyKey | None:
    """The public key of this hex; None where it is none. Takes any string, never raises."""
    return VerifyKey(bytes.fromhex(key)) if _KEY.fullmatch(key) else None


def is_valid(body: bytes, signature: str, timestamp: str, keys: Sequence[VerifyKey]) -> bool:
    """Was `timestamp + body` signed by one of the keys, not long ago? Takes any strings, never raises."""
    if not _SIGNATURE.fullmatch(signature) or not _TIMESTAMP.fullmatch(timestamp):
        return False
    if abs(time.time() - int(timestamp)) > WINDOW_SECONDS:
        return False
    message = timestamp.encode() + body
    return any(_is_signed_by(key, message, bytes.fromhex(signature)) for key in keys)


def _is_signed_by(key: VerifyKey, message: bytes, signature: bytes) -> bool:
    try:
        key.verify(message, signature)
    except BadSignatureError:
        return False
    return True
