"""Passwords of the private cluster's roles: one password file a role, readable by its owner alone."""

import secrets
from pathlib import Path


def passfile(state: Path, role: str) -> Path:
    """Return the libpq password file of a role, with a new random password if it has none yet."""
    path = state / "secrets" / f"{role}.pgpass"
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(path, f"*:*:*:{role}:{secrets.token_urlsafe(32)}\n")
    return path


def password(state: Path, role: str) -> str:
    """Return the password kept in a role's password file."""
    return passfile(state, role).read_text("utf-8").strip().rsplit(":", 1)[1]


def write_private(path: Path, text: str) -> None:
    """Write a 0600 file whole or not at all: it is never there with wider rights, nor half written."""
    draft = path.with_name(path.name + ".part")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600, exist_ok=False)
    draft.write_text(text, "utf-8")
    draft.replace(path)
