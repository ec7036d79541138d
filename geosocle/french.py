"""The words of the command line's own framework in French: headings, help and usage errors."""

import io
import re
from collections.abc import Iterable
from typing import Any

import typer

UsageError: Any = typer.BadParameter.__base__  # typer gives it no public name

# What the framework says → what we say.
PHRASES = {
    r"^Error: ": "Erreur : ",
    r"^Try '(.+)' for help\.": r"L'aide : \1",
    r"Missing argument '(.+?)'\.": r"Argument manquant : \1.",
    r"Missing option '(.+?)'\.": r"Option manquante : \1.",
    r"Missing command\.": "Commande manquante.",
    r"Choose from:": "Au choix :",
    r"No such command '(.*)'\.": r"Commande inconnue : \1.",
    r"Did you mean '(.+)'\?": r"Plutôt \1 ?",
    r"No such option: (\S+)": r"Option inconnue : \1",
    r"\(Possible options: (.+)\)": r"(plutôt \1 ?)",
    r"Option '(.+?)' requires an argument\.": r"L'option \1 attend une valeur.",
    r"Option '(.+?)' does not take a value\.": r"L'option \1 n'a pas de valeur.",
    r"Got unexpected extra argument\(s\) \((.*)\)": r"Argument en trop : \1",
    r"Invalid value for '(.+?)': ": r"Valeur incorrecte pour \1 : ",
    r"Invalid value: ": "",
    r"Value error, ": "",
    r"Input should be a valid integer.*": "un nombre entier est attendu.",
    r"Input should be greater than or equal to (\d+)": r"au moins \1 est attendu.",
    r"Input should be less than or equal to (\d+)": r"au plus \1 est attendu.",
    r"'(.*)' is not one of ": r"« \1 » n'est pas parmi ",
    r"'(.*)' does not match the formats '%Y-%m-%d'\.": r"« \1 » n'est pas une date AAAA-MM-JJ.",
    r"\w+ '(.*)' does not exist\.": r"« \1 » n'existe pas.",
    r"\w+ '(.*)' is a directory\.": r"« \1 » est un dossier.",
    r"\w+ '(.*)' is not readable\.": r"« \1 » n'est pas lisible.",
    r"Show this message and exit\.": "Afficher cette aide.",
    r"\bCOMMAND \[ARGS\]\.\.\.": "COMMANDE [ARGUMENTS]...",
    r"\[default: ": "[défaut : ",
    r"\[required\]": "[obligatoire]",
    r"<list\[(.+)\]>": r"<\1>…",
    r"<str>": "<texte>",
    r"<int( range)?>": "<entier>",
    r"<float( range)?>": "<nombre>",
    r"<(Path|file|path)>": "<fichier>",
    r"<%Y-%m-%d>": "AAAA-MM-JJ",
}
HEADINGS = {"Commands": "Commandes"}


def french(text: str) -> str:
    """Return what the framework says in French; what it quotes of the caller's stays."""
    for english, ours in PHRASES.items():
        text = re.sub(english, ours, text, flags=re.MULTILINE)
    return text


def refusal(error: Any) -> str:
    """Return what a usage error prints: the usage, where the help is, and what is wrong."""
    printed = io.StringIO()
    error.show(printed)
    return french(printed.getvalue())


class FrenchFormatter(typer.Context.formatter_class):
    """A help page in French; translated before it is laid out, so that its columns stay straight."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the line of usage."""
        super().write_usage(prog, french(args), prefix or "Usage : ")

    def write_heading(self, heading: str) -> None:
        """Write a heading, its colon as French typography has it."""
        super().write_heading(f"{HEADINGS.get(heading, heading)} ")

    def write_dl(self, rows: Iterable[tuple[str, str]], *widths: int, **named: int) -> None:
        """Write what each argument, option or command is."""
        super().write_dl([(french(name), french(words)) for name, words in rows], *widths, **named)


class FrenchContext(typer.Context):
    """The context of a command whose help is in French."""

    formatter_class = FrenchFormatter


def speak_french(command: Any) -> None:
    """Give a command, and those under it, their help in French."""
    command.context_class = FrenchContext
    for child in getattr(command, "commands", {}).values():
        speak_french(child)
