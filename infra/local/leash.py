"""Become another program that does not outlive its parent: `leash.py PARENT SIGNAL USER PROGRAM ARGUMENT...`.

A script of its own, because a preexec_fn may deadlock in a process with threads. Linux sends SIGNAL when the
parent *thread* ends, however it ends: https://man7.org/linux/man-pages/man2/pr_set_pdeathsig.2const.html.
Elsewhere there is no leash: after a crash, Postgres is ended by the next start and PostgREST by hand.
"""

import ctypes
import os
import pwd
import sys

PR_SET_PDEATHSIG = 1


def become(parent: int, signal: int, user: str, command: list[str]) -> None:
    """Change to `user` (empty: stay), put the leash on, and run `command` in this process."""
    if user:
        entry = pwd.getpwnam(user)
        os.initgroups(user, entry.pw_gid)
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal)  # after setuid, which clears it
    if os.getppid() != parent:
        sys.exit("the parent ended before the leash was on")
    os.execv(command[0], command)  # noqa: S606


if __name__ == "__main__":
    become(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:])
