"""PrusaSlicer's `compatible_printers_condition`: for which printers a preset is meant.

PrusaSlicer's command line does not look at it. Such a condition compares settings of the printer:

    printer_notes=~/.*PRINTER_MODEL_MK3.*/ and nozzle_diameter[0]==0.4 and ! single_extruder
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import TypeAlias

_TOKEN = re.compile(
    r"""\s*(?:(?P<regex>/(?:[^/\\]|\\.)*/)|(?P<text>"(?:[^"\\]|\\.)*")|(?P<number>[0-9.]+)
    |(?P<name>[a-z_]\w*(?:\[\d+\])?)|(?P<sign>=~|!~|==|!=|<=|>=|[<>!()]|&&|\|\|))""",
    re.VERBOSE | re.IGNORECASE,
)
_LONGEST = 4096
_MOST_STEPS = 10**9
_REPEATING = re.compile(r"(?<!\\)[*+{]")
_REPEATED_GROUP = re.compile(r"\)[*+{]|\\[0-9]")
_WORDS = {"&&": "and", "||": "or", "!": "not"}
_COMPARISONS: Mapping[str, Callable[[Decimal, Decimal], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_Value: TypeAlias = str | Decimal | bool | re.Pattern[str]


class ConditionError(ValueError):
    """A condition that we cannot judge; the text says why."""


def holds(condition: str, settings: Mapping[str, str]) -> bool:
    """Whether the condition holds for these settings.

    Raises:
        ConditionError: It cannot be judged.
    """
    if len(condition) > _LONGEST:
        raise ConditionError(f"it has more than {_LONGEST} characters")
    judge = _Judge(condition, settings)
    try:
        value = judge.either()
    except RecursionError:
        raise ConditionError("it is nested too deeply") from None
    if judge.tokens:
        raise ConditionError(f"{judge.tokens[0][1]} was not expected")
    return bool(value)


class _Judge:
    """Reads the condition from left to right; each method reads what binds tighter."""

    def __init__(self, condition: str, settings: Mapping[str, str]) -> None:
        self.tokens = _tokens(condition)
        self._settings = settings

    def either(self) -> bool:
        value = self._both()
        while self._take("or"):
            value = self._both() or value
        return value

    def _both(self) -> bool:
        value = self._negated()
        while self._take("and"):
            value = self._negated() and value
        return value

    def _negated(self) -> bool:
        return not self._negated() if self._take("not") else self._comparison()

    def _comparison(self) -> bool:
        left = self._value()
        for sign in ("=~", "!~"):
            if self._take(sign):
                pattern = self._value()
                if not isinstance(pattern, re.Pattern):
                    raise ConditionError(f"no pattern stands after {sign}")
                return _matches(pattern, str(left)) == (sign == "=~")
        for sign in ("==", "!="):
            if self._take(sign):
                return (left == _alike(self._value(), left)) == (sign == "==")
        for sign, compare in _COMPARISONS.items():
            if self._take(sign):
                return compare(_number(left), _number(self._value()))
        return left not in {"", "0", Decimal(0), False}

    def _value(self) -> _Value:
        if self._take("("):
            value = self.either()
            if not self._take(")"):
                raise ConditionError("a bracket is not closed")
            return value
        if not self.tokens:
            raise ConditionError("it ends too early")
        kind, text = self.tokens.pop(0)
        if kind == "regex":
            return _pattern(text[1:-1])
        if kind == "name":
            return self._setting(text)
        if kind == "sign":
            raise ConditionError(f"{text} was not expected")
        return text[1:-1] if kind == "text" else _number(text)

    def _setting(self, name: str) -> _Value:
        key, _, index = name.rstrip("]").partition("[")
        if key in {"true", "false"}:
            return key == "true"
        if key == "num_extruders":
            return Decimal(len(self._setting_of("nozzle_diameter").split(",")))
        value = self._setting_of(key)
        elements = value.split(",") if index else [value]
        return elements[min(int(index or 0), len(elements) - 1)].strip('"')

    def _setting_of(self, key: str) -> str:
        if key not in self._settings:
            raise ConditionError(f"the printer's preset does not state {key}")
        return self._settings[key]

    def _take(self, token: str) -> bool:
        if self.tokens and self.tokens[0] == ("sign", token):
            del self.tokens[0]
            return True
        return False


def _tokens(condition: str) -> list[tuple[str, str]]:
    tokens, at = [], 0
    while condition[at:].strip():
        match = _TOKEN.match(condition, at)
        if match is None:
            raise ConditionError(f"{condition[at:].strip()[:20]} was not expected")
        kind, text = str(match.lastgroup), match[str(match.lastgroup)]
        word = _WORDS.get(text, text.lower())
        is_sign = kind == "sign" or word in _WORDS.values()
        tokens.append(("sign", word) if is_sign else (kind, text))
        at = match.end()
    return tokens


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text, re.DOTALL)
    except re.error as error:
        raise ConditionError(f"/{text}/ is no pattern ({error})") from error


def _matches(pattern: re.Pattern[str], text: str) -> bool:
    """Whether the whole text is of the pattern; a stranger's could be searched for without end.

    The slicers' own patterns look for one word, with anything before and behind it.
    """
    unbounded = len(_REPEATING.findall(pattern.pattern))
    if _REPEATED_GROUP.search(pattern.pattern) or len(text) ** unbounded > _MOST_STEPS:
        raise ConditionError(f"/{pattern.pattern[:20]}/ would take too long")
    return pattern.fullmatch(text) is not None


def _alike(value: _Value, other: _Value) -> _Value:
    """A number where the setting beside it is text."""
    if isinstance(value, Decimal) and isinstance(other, str):
        try:
            return other if Decimal(other) == value else value
        except InvalidOperation:
            return value
    return value


def _number(value: _Value) -> Decimal:
    try:
        return value if isinstance(value, Decimal) else Decimal(str(value))
    except InvalidOperation:
        raise ConditionError(f"{value} is no number") from None
