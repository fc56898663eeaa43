"""The log describes orders, quotes and failures in one way, and never says where a model is."""

from __future__ import annotations

from dataclasses import replace

from pricing_fdm.errors import ModelInvalid
from pricing_fdm.telemetry.quote_fields import failure_fields, order_fields, quote_fields
from tests.quoting.quotes import quote


def test_an_order_is_described_by_what_moves_its_price() -> None:
    """These are the fields that ADR-010's lines carry."""
    assert order_fields(quote().order) == {
        "material": "pla",
        "infill": 20,
        "layer_thickness": 200,
        "quantity": 1,
    }


def test_a_quote_is_described_by_its_figures_and_what_made_them() -> None:
    """Total, time, weight, model, engine, presets, warnings."""
    one = quote(cached=True)
    fields = quote_fields(one)
    assert fields["total_usd"] == fields["total"] == str(one.price.total)
    assert fields["currency"] == "USD"
    assert fields["shop_version"] == one.price.shop_version
    assert fields["filament_weight_g"] == 50.81
    assert fields["print_time_hours"] == round(13139 / 3600, 4)
    assert (fields["model_bytes"], fields["model_sha256"]) == (684, "0" * 64)
    assert (fields["engine"], fields["profile_hash"]) == ("orca", "0123456789abcdef")
    assert fields["cached"] is True
    assert fields["warnings"] == [warning.code for warning in one.warnings]


def test_a_total_in_another_currency_is_not_called_dollars() -> None:
    """A dashboard would add them up."""
    one = quote()
    in_euros = replace(one, price=replace(one.price, currency="EUR"))
    assert "total_usd" not in quote_fields(in_euros)
    assert quote_fields(in_euros)["total"] == str(one.price.total)


def test_no_field_says_where_the_model_is() -> None:
    """A presigned URL is a password, and so is a path that could hold its name."""
    one = quote()
    described = repr({**order_fields(one.order), **quote_fields(one)})
    assert str(one.download.path) not in described


def test_a_failure_has_its_code_and_what_only_the_operator_may_know() -> None:
    """The detail is the caller's too; the log detail is not."""
    error = ModelInvalid("It is open.", log_detail="12 edges")
    assert failure_fields(error) == {
        "error_type": "model_invalid",
        "error": "It is open.",
        "detail": "12 edges",
    }
