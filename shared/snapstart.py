"""Lambda SnapStart: each environment is restored from one snapshot.

Only functions whose cold starts members wait for use it.

Connections do not survive the snapshot, and the secret may have changed since: renew both. Nothing needs a new random
seed: signatures are only verified, and ids come from Discord and the database.
https://docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks-python.html
"""

from collections.abc import Callable, Iterable

from shared import secret

Hook = Callable[[], object]


def register(*, warm: Iterable[Hook] = (), renew: Iterable[Hook]) -> None:
    """Run `warm` before the snapshot, `renew` after each restore, with the secret read again. Only on Lambda."""
    try:
        from snapshot_restore_py import register_after_restore, register_before_snapshot  # noqa: PLC0415
    except ImportError:  # only Lambda's runtime has it
        return
    for hook in warm:
        register_before_snapshot(hook)
    for hook in (secret.read.cache_clear, *renew):
        register_after_restore(hook)
