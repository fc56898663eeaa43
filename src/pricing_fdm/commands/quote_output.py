"""How `pricing-fdm quote` shows prices and refusals: to people, or as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from pricing_fdm.commands.order_options import fault_lines, field_of, option_of
from pricing_fdm.commands.price_table import (
    FIGURES,
    Priced,
    message_of,
    price_lines,
    remarks,
    total_line,
    total_of,
)
from pricing_fdm.commands.quote_table import quote_rows
from pricing_fdm.commands.terminal import Style, Terminal, complain, to_reader
from pricing_fdm.errors import FieldFault, InvalidRequest, PricingError
from pricing_fdm.shop.catalogue import Shop
from pricing_fdm.web.problems import problem_body
from pricing_fdm.web.schemas import QuoteResponse


def write_text(priced: Sequence[Priced], compared: Sequence[str] | None, shop: Shop) -> None:
    """A table; for one price by itself all that it is made of."""
    terminal = to_reader()
    if compared:
        head = [option_of(name).lstrip("-") for name in compared]
        terminal.table((*head, *FIGURES), price_lines(priced), left=len(head))
        _say_remarks(terminal, priced)
    elif len(priced) == 1:
        (name,), quote = priced[0].asked, priced[0].outcome
        assert isinstance(quote, QuoteResponse)  # noqa: S101 - the command refuses
        terminal.rows(quote_rows(name, quote))
    else:
        lines = [*price_lines(priced), total_line(priced, shop.currency)]
        terminal.table(("file", *FIGURES), lines)
        _say_remarks(terminal, priced)


def _say_remarks(terminal: Terminal, priced: Sequence[Priced]) -> None:
    for text, names in remarks(priced).items():
        about = "all" if len(names) == len(priced) else ", ".join(names)
        terminal.say(f"{about}: {text}", Style.CAUTION, indent="  ")


def write_json(priced: Sequence[Priced], compared: Sequence[str] | None, shop: Shop) -> None:
    """The bodies of the HTTP answers."""
    bodies = [_as_json(each.outcome) for each in priced]
    document: dict[str, Any]
    if compared:
        document = {"options": bodies}
    elif len(priced) == 1:
        document = bodies[0]["quote"]
    else:
        files = [{"file": each.asked[0], **body} for each, body in zip(priced, bodies, strict=True)]
        total = total_of(each.outcome for each in priced if isinstance(each.outcome, QuoteResponse))
        document = {"files": files, "total": f"{total:f}", "currency": shop.currency}
    print_json(document)


def _as_json(outcome: QuoteResponse | PricingError) -> dict[str, Any]:
    if isinstance(outcome, PricingError):
        return {"problem": _problem(outcome)}
    return {"quote": outcome.model_dump(mode="json", exclude_none=True)}


def refuse(error: PricingError, *, as_json: bool, code: int) -> int:
    """Says why there is no price, and returns the exit code."""
    if as_json:
        print_json(_problem(error))
    else:
        complain(fault_lines(error) if isinstance(error, InvalidRequest) else [message_of(error)])
    return code


def refuse_usage(faults: Sequence[str]) -> None:
    """Prints the problem of a wrong command line or setting, as `--json` wants it."""
    named = [re.fullmatch(r"(--[\w-]+)\S*: (.*)", fault) for fault in faults]
    fields = tuple(FieldFault(field_of(each[1]), each[2]) for each in named if each)
    print_json(_problem(InvalidRequest("; ".join(faults), fields)))


def _problem(error: PricingError) -> dict[str, Any]:
    body = problem_body(error, "")
    del body["request_id"]  # there is no request
    return body


def print_json(document: dict[str, Any]) -> None:
    """Prints JSON."""
    print(json.dumps(document, indent=2))
