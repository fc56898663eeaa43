-- Puts a new job into the queue: all of it or nothing.
-- ARGV: id, order, source kind, lane, request id, source, seconds for which it is good, callback URL,
--       hash of the idempotency key, fingerprint, most jobs, life of a job in s,
--       hash of the upload's key or "", version of the shop or "".
-- Returns {"queued", id}, {"repeated", id}, {"conflict"}, {"gone"} when the upload is being removed,
-- or {"full", seconds for a tenth of the queue}.

local id, order, source_kind, lane, request_id = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local source, source_s, callback = ARGV[6], tonumber(ARGV[7]), ARGV[8]
local idempotency, fingerprint = ARGV[9], ARGV[10]
local most, ttl_s, upload = tonumber(ARGV[11]), tonumber(ARGV[12]), ARGV[13]
local now = now_s()

if idempotency ~= "" then
  local known = redis.call("HMGET", key("idempotency", idempotency), "job", "fingerprint")
  if known[1] then
    if known[2] ~= fingerprint then
      return { "conflict" }
    end
    return { "repeated", known[1] }
  end
end

if upload ~= "" and redis.call("EXISTS", key("swept", upload)) == 1 then
  return { "gone" }
end

redis.call("ZREMRANGEBYSCORE", active, "-inf", now)
if redis.call("ZCARD", active) >= most then
  local ends = redis.call("LRANGE", pace, 0, -1)
  local wait_s = 0
  if #ends > 1 then
    local per_job_s = (now - tonumber(ends[#ends])) / (#ends - 1)
    wait_s = math.ceil(per_job_s * most / 10)
  end
  return { "full", tostring(wait_s) }
end

local job = key("job", id)
redis.call("HSET", job,
  "state", "queued", "order", order, "source", source_kind, "lane", lane,
  "request_id", request_id, "created", stamp(now), "source_until", stamp(now + source_s),
  "shop", ARGV[14])
if upload ~= "" then
  redis.call("HSET", job, "upload", upload)
end
redis.call("SET", key("source", id), source)
if callback ~= "" then
  redis.call("SET", key("callback", id), callback)
end
renew(id, ttl_s)
if idempotency ~= "" then
  local seen = key("idempotency", idempotency)
  redis.call("HSET", seen, "job", id, "fingerprint", fingerprint)
  redis.call("EXPIRE", seen, ttl_s)
end
enqueue(id, false)
return { "queued", id }
