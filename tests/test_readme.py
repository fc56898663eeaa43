"""README and docs stay true: their tables are compared with the code (H5)."""

from __future__ import annotations

import re
from decimal import Decimal
from enum import Enum
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from pricing_fdm.model import WARNING_CODES
from pricing_fdm.settings import GROUPS
from pricing_fdm.settings.load import secret_names
from pricing_fdm.settings.unknown import OUR_PREFIXES
from pricing_fdm.telemetry.gateway_metrics import add_gateway_metrics
from pricing_fdm.telemetry.job_metrics import JobMetrics
from pricing_fdm.web.jobs.schemas import QuoteJobRequest
from pricing_fdm.web.options_schemas import OptionsRequest
from pricing_fdm.web.order_schemas import PartsRequest
from pricing_fdm.web.problems import STATUS
from pricing_fdm.web.schemas import QuoteRequest
from tests.telemetry.scraped import service_metrics

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
DOCS = {path.stem: path.read_text() for path in (ROOT / "docs").glob("*.md")}
PAGES = sorted(
    page
    for folder in (ROOT, ROOT / "docs", ROOT / "ADR", ROOT / "profiles", ROOT / "e2e")
    for page in folder.glob("*.md")
)
MOST_LINES = 150


def rows(page: str, section: str) -> list[list[str]]:
    """The cells of all table rows of a page below a heading, until the next heading."""
    text = re.split(r"^##? ", DOCS[page], flags=re.MULTILINE)
    body = next(part for part in text if part.startswith(f"{section}\n"))
    lines = [line for line in body.splitlines() if line.startswith(("| `", "| 4", "| 5"))]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def default_of(field: FieldInfo) -> str:
    """A default as the table writes it; one that depends on the machine is left out."""
    value = field.default
    if field.default_factory is not None or value is None:
        return ""
    value = value.get_secret_value() if isinstance(value, SecretStr) else value
    value = value.value if isinstance(value, Enum) else value
    value = str(value).lower() if isinstance(value, bool) else value
    return "" if value == "" else f"`{value}`"


def test_every_setting_stands_in_its_table_with_default_and_meaning() -> None:
    """An operator configures from this table."""
    expected = [
        [f"`{name.upper()}`", default_of(field), field.description]
        for group in GROUPS.values()
        for name, field in group.model_fields.items()
    ]
    assert [row[:3] for row in rows("settings", "Settings")] == expected


def test_what_may_not_be_unknown_and_what_comes_from_files_is_told() -> None:
    """An operator is stopped by these prefixes, and mounts these files."""
    [section] = re.findall(r"\A(.*?)^\| Variable", DOCS["settings"], re.DOTALL | re.MULTILINE)
    assert set(re.findall(r"`([A-Z_]+_)`", section)) == set(OUR_PREFIXES)
    assert set(re.findall(r"`(\w+)_FILE`", section)) == secret_names()


def test_every_error_stands_in_its_table() -> None:
    """A client is written from this table."""
    expected = {(str(int(status)), f"`{kind.code}`", kind.title) for kind, status in STATUS.items()}
    written = {tuple(row) for row in rows("errors", "Errors") if row[0].isdigit()}
    assert written == expected


def test_every_warning_stands_in_its_table() -> None:
    """A code that no table explains is noise to the caller."""
    sources = "".join(path.read_text() for path in (ROOT / "src").rglob("*.py"))
    raised = set(re.findall(r'QuoteWarning\(\s*(?:code=)?"(\w+)"', sources))
    written = {row[0].strip("`") for row in rows("errors", "Warnings") if row[0].startswith("`")}
    assert raised == written == set(WARNING_CODES)


def test_every_metric_stands_in_its_table() -> None:
    """Dashboards are built from this table."""
    metrics = service_metrics()
    JobMetrics(metrics.registry, ())
    add_gateway_metrics(
        metrics.registry,
        workers=lambda: 0,
        event_streams=lambda: 0,
        uploads=lambda: 0,
        upload_store_bytes=lambda: 0,
    )
    families = list(text_string_to_metric_families(metrics.render().decode()))
    expected = {
        f"`{family.name}{'_total' if family.type == 'counter' else ''}`": family.documentation
        for family in families
    }
    assert {row[0]: row[-1] for row in rows("metrics", "Metrics")} == expected


def test_every_request_field_stands_in_its_table() -> None:
    """The table is what a developer of the upstream API reads first."""
    written = {row[0].strip("`") for row in rows("api", "The quote")}
    assert written == set(QuoteRequest.model_fields)


def test_the_requests_that_are_shown_would_be_taken() -> None:
    """They are copied, changed a little, and sent."""
    shown = re.findall(
        r"(/v1/quote|/v1/options|/v1/order|/v1/jobs)\b[^`]*? -d '(\{.*?\})'",
        "".join(DOCS.values()) + README,
        flags=re.DOTALL,
    )
    models = [_model(path, body).model_validate_json(body) for path, body in shown]
    assert {type(model) for model in models} == {
        *(QuoteRequest, OptionsRequest, PartsRequest, QuoteJobRequest)
    }


def _model(path: str, body: str) -> type[BaseModel]:
    others: dict[str, type[BaseModel]] = {
        "/v1/options": OptionsRequest,
        "/v1/order": PartsRequest,
        "/v1/jobs": QuoteJobRequest,
    }
    return others.get(path, QuoteRequest)


PERFORMANCE = (ROOT / "docs" / "performance.md").read_text()
CLAIM = re.compile(r"^\| (.+) \| (.+) \| \[\w+\]\(docs/performance\.md#(\w+)\) \|$", re.MULTILINE)
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


def numbers(text: str) -> list[Decimal]:
    return [Decimal(number.replace(",", "")) for number in NUMBER.findall(text)]


@pytest.mark.parametrize(("what", "figure", "row"), CLAIM.findall(README))
def test_every_claim_of_speed_stands_in_the_section_it_points_to(
    what: str, figure: str, row: str
) -> None:
    """A figure that nobody can look up is advertising; one of the last run but one, too."""
    _, _, section = PERFORMANCE.partition(f'<a id="{row}"></a>')
    measured = numbers(section.partition('<a id="')[0])
    for claimed in numbers(figure):
        assert any(each.quantize(claimed) == claimed for each in measured), what


def test_there_are_claims_of_speed() -> None:
    """The table above is found."""
    assert len(CLAIM.findall(README)) >= 5


def test_the_readme_is_short() -> None:
    """Tables stand in docs/; a page that nobody reads to its end is not read."""
    assert len(README.splitlines()) <= MOST_LINES


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """A dead link is the first thing a stranger clicks."""
    targets = re.findall(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)", page.read_text())
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_named_files_exist(page: Path) -> None:
    """Pages name files; files move."""
    named = re.findall(r"`((?:src|tests|profiles|scripts)/[\w./-]*)`", page.read_text())
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_decision_stands_in_the_index() -> None:
    """With its title, in its order."""
    index = (ROOT / "ADR" / "README.md").read_text()
    written = re.findall(r"^\| (\d+) \| \[(.*?)\]\((.*?)\) \|", index, flags=re.MULTILINE)
    decisions = sorted((ROOT / "ADR").glob("0*.md"))
    titles = [re.match(r"# (\d+)\. (.*)", path.read_text()) for path in decisions]
    assert [(number, title) for number, title, _ in written] == [
        title.groups() for title in titles if title
    ]
    assert [name for _, _, name in written] == [path.name for path in decisions]
