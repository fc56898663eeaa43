"""Every setting of the service: a value that is not its default, one that is refused, and who sees.

`test_settings` compares the table with the code: a setting that is added there is missing here.
"""

from __future__ import annotations

from dataclasses import dataclass

ADMIN_TOKEN = "the-owner-s-token-of-40-characters-more"
TOKEN = "a-token-of-at-least-32-characters"
CALLBACK_SECRET = "nobody-but-the-service-may-know-this"


@dataclass(frozen=True)
class Tried:
    """How a setting is tried.

    Attributes:
        seen: The test that sees a value other than the default taken; in brackets, why none does.
        bad: What stops the start; None where any text may be right.
        value: What the containers of `test_settings` set; None where another test does.
    """

    seen: str
    bad: str | None
    value: str | None = None


ADDRESS = "every_test"  # no container of ours is reached at the default address
MATERIALS = "test_materials_cost_what_is_set"
FORMULA = "test_the_price_is_made_of_what_is_set"
LOG = "test_the_log_is_as_it_is_set"
SOURCES = "test_downloads_are_bounded_as_set"
MODELS = "test_models_are_bounded_as_set"
WAITING = "test_places_and_waiting_are_as_set"
PLACES = "test_the_folders_are_those_that_are_set"
ENGINES = "test_both_slicers_are_found_where_it_is_set"
PATIENCE = "test_a_slice_is_ended_when_it_is_set"
LIMITS = "test_a_slice_over_its_own_memory_is_refused_c6"
VERSIONS = "test_a_version_changes_the_price_everywhere_and_is_taken_back"
QUEUE = "test_the_queue_is_as_it_is_set"

SETTINGS: dict[str, Tried] = {
    "PRICING_FDM_HOST": Tried(ADDRESS, None),
    "PRICING_FDM_PORT": Tried(ADDRESS, "65536"),
    "API_TOKEN": Tried("test_a_token_is_demanded", "short", TOKEN),
    "ADMIN_TOKEN": Tried("test_the_owner_loads_the_shop_again", "short", ADMIN_TOKEN),
    "SHOP_WATCH_SECS": Tried("(no shop changes while these containers run)", "-1"),
    "SHOP_VERSIONS": Tried(VERSIONS, "redis"),
    "SHOP_VERSIONS_KEPT": Tried("(many versions come and go in the tests of the route)", "0"),
    "CORS_ALLOWED_ORIGINS": Tried(
        "test_pages_of_named_origins_may_call", "shop.example", "https://shop.example"
    ),
    "METRICS_PORT": Tried("test_the_metrics_have_a_port_of_their_own_f5", "-1"),
    "MAX_CONNECTIONS": Tried("test_connections_are_bounded_as_it_is_set", "0", "24"),
    "DRAIN_PAUSE_SECS": Tried("test_the_end_of_the_grace_is_an_answer_e2", "-1"),
    "DRAIN_GRACE_SECS": Tried("test_the_end_of_the_grace_is_an_answer_e2", "soon"),
    "LOG_FORMAT": Tried(LOG, "xml", "console"),
    "LOG_LEVEL": Tried(LOG, "loud", "warning"),
    "TRACING": Tried("(the image ships without the extra `otel`)", "zipkin"),
    "PRICE_MODEL": Tried(QUEUE, "auction", None),
    "BASE_FEE_USD": Tried(FORMULA, "-1", "7.50"),
    "MACHINE_RATE_USD_PER_HOUR": Tried(FORMULA, "NaN", "21.00"),
    "MARGIN_MULTIPLIER": Tried(FORMULA, "0.5", "2.00"),
    "MATERIAL_PLA_COST_PER_G": Tried(MATERIALS, "cheap", "0.31"),
    "MATERIAL_ABS_COST_PER_G": Tried(MATERIALS, "-1", "0.32"),
    "MATERIAL_PETG_COST_PER_G": Tried(MATERIALS, "-1", "0.33"),
    "MATERIAL_ABS_ESD_COST_PER_G": Tried(MATERIALS, "-1", "0.34"),
    "MATERIAL_ASA_COST_PER_G": Tried(MATERIALS, "-1", "0.36"),
    "MATERIAL_NYLON_COST_PER_G": Tried(MATERIALS, "-1", "0.37"),
    "MATERIAL_PC_COST_PER_G": Tried(MATERIALS, "-1", "0.38"),
    "MATERIAL_TPU_COST_PER_G": Tried(MATERIALS, "inf", "0.39"),
    "HOURLY_RATE_USD_PER_HOUR": Tried(QUEUE, "-1"),
    "RUSH_MULTIPLIER": Tried(FORMULA, "0.9", "3.00"),
    "MAX_FILE_SIZE_MB": Tried(SOURCES, "0", "1"),
    "REQUEST_TIMEOUT_SECS": Tried(SOURCES, "0", "2"),
    "FETCH_ALLOWED_HOSTS": Tried(SOURCES, "http://host/path"),
    "FETCH_ALLOWED_CIDRS": Tried(SOURCES, "169.254.169.254/32"),
    "FETCH_ALLOW_HTTP": Tried(SOURCES, "perhaps"),
    "SLICER": Tried(ENGINES, "cura"),
    "SLICER_FALLBACK": Tried(ENGINES, "cura"),
    "ORCA_BINARY": Tried(ENGINES, None),
    "PRUSA_BINARY": Tried(ENGINES, None),
    "SHOP_DIR": Tried(PLACES, None),
    "ORCA_PROFILES_DIR": Tried(PLACES, None),
    "SANDBOX": Tried(PLACES, "strong", "none"),
    "ORCA_DISPLAY": Tried("test_a_display_that_is_asked_for_is_looked_after_e6", "wayland"),
    "ORCA_RESULT": Tried("test_orcas_result_is_read_as_it_is_set", "step"),
    "SLICE_REPRODUCIBLE": Tried("test_equal_orders_get_equal_quotes_k1", "perhaps"),
    "TEMP_DIR": Tried(PLACES, None),
    "ESTIMATE_LABELS": Tried("(the file is read by the next training)", None),
    "ESTIMATE_LABELS_MB": Tried("(the file is read by the next training)", "0"),
    "MAX_TRIANGLES": Tried(MODELS, "3", "100"),
    "MODEL_READ_TIMEOUT_SECS": Tried("(no model that we can make takes so long)", "0"),
    "MODEL_READ_MEMORY_MB": Tried("(no model that we can make takes so much)", "511"),
    "CONVERT_TIMEOUT_SECS": Tried(MODELS, "0", "0.001"),
    "SLICE_TIMEOUT_SECS": Tried(PATIENCE, "0"),
    "SLICE_SILENCE_SECS": Tried(PATIENCE, "-1"),
    "SLICE_MEMORY_MB": Tried(LIMITS, "255"),
    "SLICE_OUTPUT_MB": Tried("test_a_toolpath_that_is_too_long_is_refused_c6", "0"),
    "POISON_SECS": Tried("test_a_crashing_file_may_be_tried_again", "-1"),
    "SELF_TEST_RETRY_SECS": Tried("test_a_slicer_that_stays_broken_ends_the_service_e5", "0"),
    "CACHE_MEMORY_MB": Tried("(how much is remembered shows after thousands of models)", "0"),
    "CACHE_TTL_SECS": Tried("test_equal_orders_get_equal_quotes_k1", "-1"),
    "CACHE_FAILURE_SECS": Tried("test_a_refusal_is_found_anew", "-1", "0"),
    "SLICE_CONCURRENCY": Tried(WAITING, "0", "1"),
    "QUEUE_PLACES": Tried(WAITING, "-1", "1"),
    "QUEUE_WAIT_SECS": Tried(WAITING, "0", "2"),
    "REDIS_URL": Tried(QUEUE, "http://redis"),
    "QUEUE_MAX_JOBS": Tried(QUEUE, "0"),
    "RESULT_TTL_SECS": Tried(QUEUE, "59"),
    "WORKER_LOST_SECS": Tried("test_a_killed_workers_job_is_done_by_another_j1", "0"),
    "JOB_RETRY_SECS": Tried("test_a_passing_failure_is_tried_again", "0"),
    "GATEWAY_ONLY": Tried(QUEUE, "perhaps"),
    "OBJECT_STORE_URL": Tried(QUEUE, "s3://key:secret@bucket"),
    "UPLOAD_TTL_SECS": Tried("(the shortest is a minute)", "59"),
    "EVENT_STREAM_PLACES": Tried("test_event_streams_are_bounded_as_it_is_set", "0"),
    "UPLOAD_PLACES": Tried("test_uploads_are_bounded_as_it_is_set", "0"),
    "UPLOAD_STORE_MB": Tried("test_uploads_are_bounded_as_it_is_set", "0"),
    "UPLOAD_TIMEOUT_SECS": Tried("test_a_slow_upload_is_not_waited_for", "0"),
    "CALLBACK_SECRET": Tried("test_a_callback_is_signed_and_made_again", "short"),
    "CALLBACK_RETRY_SECS": Tried("test_a_callback_is_signed_and_made_again", "0"),
}
