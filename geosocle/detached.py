"""A command that goes on without its terminal: its words go to a file, and whoever typed it is told its number."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import typer

GOES_ON = """\
Livraison {number} : le chargement continue sans ce terminal ; ce qu'il dit va dans {log}.
« geosocle loads {number} » le suit, « geosocle loads {number} --cancel » l'arrête."""


def leave(folder: Path) -> Callable[[int], None]:
    """Go on in a process of another session; return how it says its number. In the process of before, raises Exit.

    To be called before anything is opened: a process that forks keeps neither threads nor connections.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    words, log = tempfile.mkstemp(".log", "essai-", folder)
    heard, told = os.pipe()
    if child := os.fork():
        os.close(told)
        os.close(words)
        raise typer.Exit(await_number(child, heard, Path(log)))
    os.setsid()
    for stream, file in enumerate((os.open(os.devnull, os.O_RDONLY), words, words)):
        os.dup2(file, stream)

    def tell(number: int) -> None:
        Path(log).replace(named(folder, number))
        os.write(told, str(number).encode())
        os.close(told)

    return tell


def named(folder: Path, number: int) -> Path:
    """Return where the words of a load are."""
    return folder / f"{number}.log"


def await_number(child: int, heard: int, log: Path) -> int:
    """Say the number of what goes on, or how it has ended before it had one; return the exit code."""
    with os.fdopen(heard) as line:
        number = line.read()
    if number:
        typer.echo(GOES_ON.format(number=number, log=named(log.parent, int(number))))
        return 0
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    typer.echo(log.read_text("utf-8"), nl=False, err=True)
    log.unlink()
    return code if code >= 0 else 1
