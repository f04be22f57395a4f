"""Run a program that ends with its parent: `die_with_parent.py PARENT SIGNAL USER PROGRAM ARGUMENT...`.

Do this in a script of its own: a preexec_fn may deadlock in a process with threads. Linux sends SIGNAL when the parent
*thread* ends, however it ends: https://man7.org/linux/man-pages/man2/pr_set_pdeathsig.2const.html. Other systems have
no such signal: after a crash, the next start ends Postgres, and PostgREST must be ended by hand.
"""

import ctypes
import os
import pwd
import sys

PR_SET_PDEATHSIG = 1


def run(parent: int, signal: int, user: str, command: list[str]) -> None:
    """Change to `user` (empty: stay), ask for `signal` at the parent's end, and run `command` in this process."""
    if user:
        entry = pwd.getpwnam(user)
        os.initgroups(user, entry.pw_gid)
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal)  # after setuid, which clears the setting
    if os.getppid() != parent:  # before prctl, so that no signal will come
        sys.exit("the parent has ended")
    os.execv(command[0], command)  # noqa: S606


if __name__ == "__main__":
    run(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:])
