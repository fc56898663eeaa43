"""Whether the name of a variable looks like a misspelt setting.

Names are compared word by word. These differences are allowed: one wrong letter in a long word,
swapped letters, underscores, the unit at the end, or one missing word.
So `MARGIN` is like `MARGIN_MULTIPLIER`, and `GITHUB_TOKEN` is not like `API_TOKEN`.
"""

from __future__ import annotations

import functools

_UNITS = frozenset(
    {
        *("USD", "EUR", "PER", "HOUR", "H", "KG", "G", "GRAM", "GRAMS", "KB", "MB", "MIB", "GB"),
        *("GIB", "BYTES", "MS", "S", "SEC", "SECS", "SECOND", "SECONDS", "MIN", "MINUTES"),
        *("MULTIPLIER", "FACTOR", "PERCENT"),
    }
)
_SYNONYMS = {"URI": "URL", "DIRECTORY": "DIR", "FOLDER": "DIR"}
# In shorter words another letter makes another word: APP_TOKEN is not API_TOKEN.
_LONG_WORD = 5
# Fewer are shared by chance: ALLOWED_HOSTS is Django's, and not FETCH_ALLOWED_HOSTS.
_FEWEST_WORDS_LEFT = 3


def resembles(name: str, setting: str) -> bool:
    """Whether `name` looks like a misspelling of `setting`; both in capitals."""
    words, stem = _split(name)
    theirs, their_stem = _split(setting)
    return (
        _are_alike(words, theirs)
        or _are_alike(stem, their_stem)
        or (len(words) == len(theirs) - 1 >= _FEWEST_WORDS_LEFT and _lacks_a_word(words, theirs))
    )


@functools.cache  # a start compares every variable with every setting
def _split(name: str) -> tuple[list[str], list[str]]:
    """The words of a name, with and without the unit at the end."""
    words = name.split("_")
    return words, [word for at, word in enumerate(words) if not _UNITS.issuperset(words[at:])]


def _are_alike(words: list[str], theirs: list[str]) -> bool:
    if not words:  # nothing but a unit
        return False
    if len(words) == len(theirs):
        return all(map(_is_same_word, words, theirs))
    return "".join(words) == "".join(theirs)


def _lacks_a_word(words: list[str], theirs: list[str]) -> bool:
    return any(words == theirs[:at] + theirs[at + 1 :] for at in range(len(theirs)))


def _is_same_word(word: str, other: str) -> bool:
    word, other = _SYNONYMS.get(word, word), _SYNONYMS.get(other, other)
    if abs(len(word) - len(other)) > 1:
        return False
    if sorted(word) == sorted(other):
        return True
    return max(len(word), len(other)) >= _LONG_WORD and _differ_by_one_letter(word, other)


def _differ_by_one_letter(word: str, other: str) -> bool:
    """Whether one letter is another, missing or too many."""
    short, long = sorted((word, other), key=len)
    start = next((at for at, letter in enumerate(short) if letter != long[at]), len(short))
    rest = short[start:] if len(short) < len(long) else short[start + 1 :]
    return rest == long[start + 1 :]
