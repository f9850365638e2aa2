"""PostgreSQL refuses to run as root: root gives the embedded servers a user of their own, and a way to their files."""

from __future__ import annotations

import os
import pwd
import subprocess
import tempfile
from pathlib import Path

from terminal import StartError, say

USER = "bulbul-servers"


def server_user() -> str | None:
    """Who the embedded servers run as: a user made for them when we are root, else ourselves (None)."""
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam(USER)
    except KeyError:
        _add_user()
    return USER


def give(folder: Path, user: str | None) -> None:
    """Make `folder` the private folder of `user`, who can then also reach it."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    if user:
        _change_owner(folder, pwd.getpwnam(user))
        open_the_way(folder)


def open_the_way(path: Path) -> None:
    """Let every user pass through the folders above `path` (search only, nothing becomes listable)."""
    for folder in path.resolve().parents:
        mode = folder.stat().st_mode
        if not mode & 0o001:
            if not folder.is_relative_to(tempfile.gettempdir()):
                say(f"letting other users pass through {folder}, because PostgreSQL must not run as root.")
            folder.chmod(mode | 0o001)


def open_to_read(folder: Path) -> None:
    """Let every user reach, read and run what is in `folder`; a strict umask may have closed it."""
    open_the_way(folder)
    if folder.stat().st_mode & 0o005 == 0o005:
        return
    subprocess.run(["chmod", "-R", "o+rX", str(folder)], check=True)


def _add_user() -> None:
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", USER]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise StartError(
            f"PostgreSQL does not run as root and the user {USER} could not be made for it; "
            "run this as an ordinary user, or set DATABASE_URL and REDIS_URL."
        ) from error


def _change_owner(folder: Path, owner: pwd.struct_passwd) -> None:
    if folder.stat().st_uid != owner.pw_uid:
        subprocess.run(["chown", "-R", f"{owner.pw_uid}:{owner.pw_gid}", str(folder)], check=True)
