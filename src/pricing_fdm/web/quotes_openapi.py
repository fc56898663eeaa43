"""The routes that price at once, described from the models that validate them."""

from __future__ import annotations

from pricing_fdm import errors
from pricing_fdm.web import paths
from pricing_fdm.web.estimate_schemas import EstimateRequest, EstimateResponse
from pricing_fdm.web.openapi_operation import IDEMPOTENCY_KEY, Operation
from pricing_fdm.web.options_schemas import OptionsForm, OptionsRequest, OptionsResponse
from pricing_fdm.web.order_estimate_schemas import OrderEstimateResponse
from pricing_fdm.web.order_schemas import PartsRequest, PartsResponse
from pricing_fdm.web.problems import STATUS
from pricing_fdm.web.schemas import QuoteForm, QuoteRequest, QuoteResponse

_NOT_OF_QUOTES = {
    errors.JobNotFound,
    errors.JobCancelled,
    errors.StoreUnavailable,
    errors.StoreFull,
    errors.StreamsFull,
    errors.ShopFaulty,
    errors.ShopVersionNotFound,
    errors.ShopStoreMissing,
    errors.ProfileNotFound,
}
_PRICING = tuple(kind for kind in STATUS if kind not in _NOT_OF_QUOTES)

# What can happen to a model before it would be sliced.
_ONLY_OF_SLICES = {
    errors.ModelUnsliceable,
    errors.QueueTimeout,
    errors.ResultIncomplete,
    errors.SlicerCrashed,
    errors.SlicingTimeout,
}
_ESTIMATING = tuple(kind for kind in _PRICING if kind not in _ONLY_OF_SLICES)

_ESTIMATE = {
    "name": "estimate",
    "in": "query",
    "description": "`true`: an estimate at once, instead of a price.",
    "schema": {"type": "boolean", "default": False},
}

ROUTES = {
    paths.QUOTE_PATH: Operation(
        "postQuote",
        "Price a part",
        description="Takes the model from the URL or from the form, slices it and answers with the "
        "price, the lead time and the figures behind them. Whole numbers are written without a "
        "fraction: 20, not 20.0.",
        parameters=(IDEMPOTENCY_KEY,),
        takes=QuoteRequest,
        takes_form=QuoteForm,
        answers={200: ("The quote.", QuoteResponse)},
        problems=_PRICING,
        tag="quotes",
    ),
    paths.ESTIMATE_PATH: Operation(
        "postEstimate",
        "Estimate a price without slicing",
        description="Takes what a quote takes, and answers within a second: in which range the "
        "price, the time and the weight lie, with a probability of `interval`. It never binds. "
        "Where no estimate can be made of the part, `needs_slice` is true, and there are no "
        "figures.",
        parameters=(IDEMPOTENCY_KEY,),
        takes=EstimateRequest,
        takes_form=QuoteForm,
        answers={200: ("The estimate.", EstimateResponse)},
        problems=(*_ESTIMATING, errors.StoreUnavailable),
        tag="quotes",
    ),
    paths.OPTIONS_PATH: Operation(
        "postOptions",
        "Price a part in several ways",
        description="Takes the model from the URL or from the form, slices it once for each "
        "variant that needs a slice of its own, and answers with a quote or a problem for each. "
        "What fails for one variant does not fail the others. Whole numbers are written without a "
        "fraction.",
        parameters=(IDEMPOTENCY_KEY, _ESTIMATE),
        takes=OptionsRequest,
        takes_form=OptionsForm,
        answers={200: ("A quote, an estimate or a problem for each.", OptionsResponse)},
        problems=_PRICING,
        tag="quotes",
    ),
    paths.ORDER_PATH: Operation(
        "postOrder",
        "Price an order of several parts",
        description="Fetches each model, slices it, packs parts that are printed alike on plates "
        "together, and answers with one price and lead time, and each part's share. What fails one "
        "part is told with it, and the order then has no price. Whole numbers are written without "
        "a fraction.",
        parameters=(IDEMPOTENCY_KEY, _ESTIMATE),
        takes=PartsRequest,
        answers={
            200: (
                "The price or its estimate, or the problems of parts.",
                (PartsResponse, OrderEstimateResponse),
            )
        },
        problems=_PRICING,
        tag="quotes",
    ),
}
