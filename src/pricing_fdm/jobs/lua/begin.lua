-- A worker begins a job that a message named.
-- ARGV: id, number of the message, most attempts, life of a job in s.
-- Returns {"void"} when there is nothing to do: the job is unknown, has ended, or a later message
-- stands for it; {"exhausted", attempt, request id} when too many workers have died of it; else
-- {"begun", attempt, counted, order, source kind, request id, seconds since it was submitted, source,
-- version of the shop or ""}.

local id, number = ARGV[1], tonumber(ARGV[2])
local most, ttl_s = tonumber(ARGV[3]), tonumber(ARGV[4])
local job = key("job", id)
local known = redis.call("HMGET", job, "state", "messages", "returned", "order", "source",
  "request_id", "created", "shop")

if not known[1] or has_ended(known[1]) or tonumber(known[2]) ~= number then
  return { "void" }
end
local attempt = redis.call("HINCRBY", job, "attempt", 1)
local counted = attempt - tonumber(known[3] or "0")
if counted > most then
  return { "exhausted", tostring(attempt), known[6] }
end

local now = now_s()
redis.call("HSET", job, "state", "processing", "stage", "")
renew(id, ttl_s)
announce(id)
local source = redis.call("GET", key("source", id))
return { "begun", tostring(attempt), tostring(counted), known[4], known[5], known[6],
  stamp(now - tonumber(known[7])), source or "", known[8] or "" }
