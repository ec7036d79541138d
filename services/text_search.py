"""`q`: words looked for in the texts of objects, whatever their case and accents, in the caller's own properties alone.

A word is found where one of a text begins with it. All words must be there; commas stand between alternatives. Texts do
not lose their accents: each letter is looked for in all its forms, so that the database is given one regular expression
a word, made of letters alone.
"""

import re
import unicodedata
from collections.abc import Mapping

from psycopg import sql

from catalog.errors import BadRequest
from services.columns import Column
from services.conditions import Condition

LONGEST = 200
MOST_WORDS = 10
WORD = re.compile(r"[^\W_]+")
LIGATURES = {"œ": "oe", "æ": "ae", "ß": "ss"}
# What stands before a word, whatever the locale of the database: nothing, or what is neither a letter nor a digit.
BEFORE = "(^|[^0-9A-Za-zÀ-ÖØ-öø-ſ])"


def plain(text: str) -> str:
    """Return a text in small letters, without accents or ligatures."""
    bare = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    return "".join(LIGATURES.get(letter, letter) for letter in bare.lower())


def forms() -> dict[str, str]:
    """Return the forms of each letter, small and capital, with and without accents; of two, where they may be one."""
    found = {letter: [letter, letter.upper()] for letter in "abcdefghijklmnopqrstuvwxyz"}
    for accented in map(chr, range(0xC0, 0x180)):  # Latin-1 and Latin Extended-A
        found.setdefault(plain(accented), []).append(accented)
    return {letters: "".join(each) for letters, each in found.items()}


FORMS = forms()
UNIT = re.compile("oe|ae|ss|.", re.DOTALL)


def pattern(word: str) -> str:
    """Return the regular expression of a plain word."""
    return BEFORE + "".join(map(one, UNIT.findall(word)))


def one(letters: str) -> str:
    """Return the expression of a letter, or of two that may be written as one."""
    if len(letters) == 1:
        return f"[{FORMS.get(letters, letters)}]"
    return f"([{FORMS[letters[0]]}][{FORMS[letters[1]]}]|[{FORMS[letters]}])"


def search(text: str, columns: Mapping[str, Column]) -> Condition:
    """Return the condition that the caller's texts of an object have the words of `q`. Raises BadRequest.

    A text of a side table is looked at where the caller has it, and missed by nobody elsewhere.
    """
    alternatives = [[pattern(word) for word in WORD.findall(plain(each))] for each in text.split(",")]
    count = sum(map(len, alternatives))
    if len(text) > LONGEST or count > MOST_WORDS or not all(alternatives):
        raise BadRequest(f"Un à {MOST_WORDS} mots sont attendus.", "q")
    texts = [column for column in columns.values() if column.kind == "text"]
    looked_at = sql.SQL("concat_ws(' ', {})").format(sql.SQL(", ").join(column.reference for column in texts))
    values = {f"words{number}": words for number, words in enumerate(alternatives)}
    found = [sql.SQL("{} ~ ALL ({}::text[])").format(looked_at, sql.Placeholder(name)) for name in values]
    groups = frozenset(column.group for column in texts)
    return Condition(sql.SQL("({})").format(sql.SQL(" OR ").join(found)), values, beside=groups)
