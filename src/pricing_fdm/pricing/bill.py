"""The lines of a price: exact while they are added up, rounded once when they are shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from pricing_fdm.pricing.exact import EXACT
from pricing_fdm.pricing.money import to_step
from pricing_fdm.shop.catalogue import CustomerLine, Finish

FINISH = "finish"

_USUAL = frozenset({"material", "machine", "base_fee", "margin"})

_ONE = Fraction(1)

# Which line of a customer's each line of the shop belongs to; the others are the shop's business.
_OF_CUSTOMER = {
    **dict.fromkeys(("material", "machine", "support_removal", "colour"), CustomerLine.PRINT),
    **dict.fromkeys(("handling", "base_fee"), CustomerLine.SETUP),
    FINISH: CustomerLine.FINISH,
    "speed": CustomerLine.SPEED,
    "quantity_discount": CustomerLine.DISCOUNT,
    "minimum": CustomerLine.MINIMUM,
    "tax": CustomerLine.TAX,
}
_LABELS = {
    CustomerLine.PRINT: "Print",
    CustomerLine.SETUP: "Set-up",
    CustomerLine.FINISH: "Finish",
    CustomerLine.SPEED: "Faster delivery",
    CustomerLine.DISCOUNT: "Discount",
    CustomerLine.MINIMUM: "Up to the minimum",
    CustomerLine.TAX: "Tax",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the price.

    Attributes:
        code: Stable.
        label: For people.
        amount: What the line adds, or takes off.
        public: Whether customers see it.
    """

    code: str
    label: str
    amount: Decimal
    public: bool


@dataclass(slots=True)
class Bill:
    """A table of exact amounts under way."""

    entries: list[tuple[str, str, Fraction]] = field(default_factory=list)

    @property
    def sum(self) -> Fraction:
        """Of all lines so far."""
        return sum((amount for _, _, amount in self.entries), Fraction(0))

    def add(self, code: str, label: str, amount: Fraction) -> None:
        """A line that is there whatever it comes to."""
        self.entries.append((code, label, amount))

    def add_some(self, code: str, label: str, amount: Fraction) -> None:
        """A line that is there only if it comes to something."""
        if amount:
            self.add(code, label, amount)

    def multiply(self, code: str, label: str, factor: Decimal) -> None:
        """A line for what a factor adds to the sum so far."""
        self.add(code, label, self.sum * (Fraction(factor) - 1))


def finish_code(finish: Finish) -> str:
    """The code of the line of a finish."""
    return f"{FINISH}:{finish.id}"


def merged(bills: Sequence[Bill]) -> Bill:
    """Bills with the same lines as one; lines that come to nothing are left out, but for the usual.

    A line has the labels of those bills where it comes to something.
    """
    together = Bill()
    for lines in zip(*(bill.entries for bill in bills), strict=True):
        code, first, _ = lines[0]
        names = dict.fromkeys(label for _, label, amount in lines if amount)
        amount = sum((amount for _, _, amount in lines), Fraction(0))
        is_usual = code in _USUAL or code.startswith(f"{FINISH}:")
        add = together.add if is_usual else together.add_some
        add(code, ", ".join(names) or first, amount)
    return together


def line_of(code: str, label: str, amount: Decimal, seen: Iterable[CustomerLine]) -> Line:
    """A line, public if customers see its kind."""
    return Line(code, label, amount, kind_of(code) in set(seen))


def kind_of(code: str) -> CustomerLine | None:
    """The kind of a line for customers; None for what is the shop's own business."""
    return _OF_CUSTOMER.get(code.partition(":")[0])


def shown_lines(
    bill: Bill, net: Decimal, seen: Iterable[CustomerLine], share: Fraction = _ONE
) -> tuple[Line, ...]:
    """The lines, rounded, with one more where the roundings do not add up.

    Args:
        bill: The exact lines.
        net: What they must add up to, with the currency's decimals.
        seen: What customers see.
        share: The part of each amount that is no tax.
    """
    unit = EXACT.scaleb(Decimal(1), int(net.as_tuple().exponent))
    lines = [
        line_of(code, label, to_step(amount * share, unit), seen)
        for code, label, amount in bill.entries
    ]
    if difference := EXACT.subtract(net, total_of(lines)):
        lines.append(line_of("rounding", "Rounding", difference, seen))
    return tuple(lines)


def total_of(lines: Iterable[Line]) -> Decimal:
    """What lines add up to."""
    total = Decimal(0)
    for line in lines:
        total = EXACT.add(total, line.amount)
    return total


def customer_lines(lines: tuple[Line, ...], seen: Iterable[CustomerLine]) -> tuple[Line, ...]:
    """The same price in the lines that customers see.

    `print` is all that no other line of theirs holds, margin and rounding too, so that theirs add
    up as well.
    """
    kinds = [kind for kind in CustomerLine if kind in set(seen) and kind is not CustomerLine.PRINT]
    others = {kind: [line for line in lines if kind_of(line.code) is kind] for kind in kinds}
    found = [
        Line(kind.value, _label(kind, its), total_of(its), public=True)
        for kind, its in others.items()
        if its
    ]
    rest = EXACT.subtract(total_of(lines), total_of(found))
    return Line(CustomerLine.PRINT.value, _LABELS[CustomerLine.PRINT], rest, public=True), *found


def _label(kind: CustomerLine, lines: list[Line]) -> str:
    """That of the shop where it is one line, such as the name of a finish or of the tax."""
    named = kind in {CustomerLine.FINISH, CustomerLine.SPEED, CustomerLine.TAX}
    return lines[0].label if named and len(lines) == 1 else _LABELS[kind]
