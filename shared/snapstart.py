"""Lambda SnapStart: a function is started once, and what is in its memory then is where every environment begins.

Connections do not survive that, and the secret may have been changed since: both are renewed. What comes from the
operating system (signatures need no chance, ids are Discord's and the database's) needs no new seed.
https://docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks-python.html
"""

from collections.abc import Callable, Iterable

from shared import secret

Hook = Callable[[], object]


def register(*, warm: Iterable[Hook] = (), renew: Iterable[Hook]) -> None:
    """Have Lambda do what warms before it takes the snapshot, and what renews, with the secret as it is then, after it
    has restored it. Elsewhere than on Lambda nothing happens.
    """
    try:
        from snapshot_restore_py import register_after_restore, register_before_snapshot  # noqa: PLC0415
    except ImportError:  # it is a part of Lambda's runtime, and of nothing else
        return
    for hook in warm:
        register_before_snapshot(hook)
    for hook in (secret.read.cache_clear, *renew):
        register_after_restore(hook)
