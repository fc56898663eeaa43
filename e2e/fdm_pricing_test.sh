#!/usr/bin/env bash
# Holds a running service to its contract: fdm_pricing_test.sh BASE_URL MODEL_URL
#
#   e2e/fdm_pricing_test.sh http://localhost:8083 'https://bucket.s3.amazonaws.com/part.stl?X-Amz-...'
#
# MODEL_URL is a model that the service may fetch; it is priced once. API_TOKEN is sent if it is set.
# One line for each check; exit code 0 when all are good, 1 when one is not, 2 when it was called
# wrongly. Needs bash, curl, grep and sed.
set -uo pipefail

readonly quote=/internal/pricing/fdm/quote
readonly materials="pla abs petg abs-esd asa nylon pc tpu"
readonly fields="quote_id total_usd material_cost_usd machine_cost_usd base_fee_usd lead_time_days
  print_time_hours filament_weight_g volume_cm3"
readonly number='-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?'
readonly uuid='"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"'

failed=0

main() {
  if [ $# -ne 2 ]; then
    sed -n '2,/^[^#]/ s/^# \{0,1\}//p' "$0" >&2
    exit 2
  fi
  base=${1%/} model=$2
  check_health
  check_invalid_requests
  check_materials
  check_quote
  if [ "$failed" -gt 0 ]; then
    printf '%s failed\n' "$failed"
    exit 1
  fi
  printf 'all good\n'
}

check_health() {
  get /health
  expect "health answers 200" "$status" 200
  expect "health says OK and nothing else" "$body" OK
}

check_invalid_requests() {
  refused "no JSON" 'file_url=part.stl' invalid_request
  refused "no fields" '{}' invalid_request file_url
  refused "an unknown field" "$(order pla 20 200 ', "colour": "red"')" invalid_request colour
  refused "infill below 10" "$(order pla 9 200)" invalid_request infill
  refused "infill above 100" "$(order pla 101 200)" invalid_request infill
  refused "infill as a text" "$(order pla '"20"' 200)" invalid_request infill
  refused "a layer of 250 um" "$(order pla 20 250)" invalid_request layer_thickness
  refused "quantity 0" "$(order pla 20 200 ', "quantity": 0')" invalid_request quantity
}

# A material that is allowed is one that the next obstacle is told of: the URL, which leads nowhere.
check_materials() {
  local material
  refused "the material wood" "$(order wood 20 200)" invalid_request material
  refused "no text as material" "$(order 7 20 200)" invalid_request material
  for material in $materials ABS-ESD; do
    refused "a metadata address, with $material" \
      "$(model=http://169.254.169.254/part.stl order "$material" 20 200)" source_refused
  done
}

check_quote() {
  local field
  post "$(order pla 20 200)"
  expect "a quote answers 200" "$status" 200
  expect "a quote is JSON" "$type" application/json
  for field in $fields; do
    if [ "$field" = quote_id ]; then has "$field" "$uuid"; else has "$field" "$number"; fi
  done
}

# order MATERIAL INFILL LAYER_THICKNESS [MORE]: the body of a request.
order() {
  local material=\"$1\"
  if [[ $1 =~ ^[0-9]+$ ]]; then material=$1; fi
  printf '{"file_url": "%s", "material": %s, "infill": %s, "layer_thickness": %s%s}' \
    "$model" "$material" "$2" "$3" "${4:-}"
}

# refused WHAT BODY CODE [FIELD]: the body is answered 400 by a problem document that says why.
refused() {
  post "$2"
  expect "$1: 400" "$status" 400
  expect "$1: a problem document" "$type" application/problem+json
  contains "$1: code $3" "\"code\": ?\"$3\""
  if [ $# -gt 3 ]; then contains "$1: names $4" "\"field\": ?\"$4\""; fi
}

# The fields stand at the top level: whatever lies in braces or brackets further in is cut out first.
has() {
  local top=$body inner
  while inner=$(sed -E 's/([^{])\{[^{}]*\}/\1null/g; s/\[[^][{}]*\]/null/g' <<<"$top"); do
    [ "$inner" != "$top" ] || break
    top=$inner
  done
  if grep -qE "\"$1\": ?$2[,}]" <<<"$top"; then good "the quote has $1"; else bad "the quote has no $1"; fi
}

contains() {
  if grep -qE "$2" <<<"$body"; then good "$1"; else bad "$1; got: ${body:0:300}"; fi
}

expect() {
  if [ "$2" = "$3" ]; then good "$1"; else bad "$1; expected '$3', got '$2' ${body:0:300}"; fi
}

good() {
  printf 'ok      %s\n' "$1"
}

bad() {
  printf 'FAILED  %s\n' "$1"
  failed=$((failed + 1))
}

get() {
  ask "$base$1"
}

post() {
  ask --header 'Content-Type: application/json' --data-binary "$1" "$base$quote"
}

# Sets status, type and body; status is 000 when nobody answers.
ask() {
  local answer token=()
  if [ -n "${API_TOKEN:-}" ]; then token=(--header "Authorization: Bearer $API_TOKEN"); fi
  answer=$(curl --silent --show-error --max-time 600 ${token[@]+"${token[@]}"} \
    --write-out '\n%{http_code}\n%{content_type}' "$@")
  type=${answer##*$'\n'} answer=${answer%$'\n'*}
  status=${answer##*$'\n'} body=${answer%$'\n'*}
  type=${type%%;*}
}

main "$@"
