-- An attempt leaves its job to another, now and first in the queue (a worker that must go) or later
-- (a failure that another try may mend).
-- ARGV: id, attempt, "returned" or "failed", seconds until the next attempt, life of a job in s.
-- Returns 1, or 0 when the job had gone on without this attempt.

local id, attempt, reason = ARGV[1], ARGV[2], ARGV[3]
local delay_s, ttl_s = tonumber(ARGV[4]), tonumber(ARGV[5])
local job = key("job", id)
local known = redis.call("HMGET", job, "state", "attempt")

if known[1] ~= "processing" or known[2] ~= attempt then
  return 0
end
redis.call("HSET", job, "state", "queued", "stage", "")
renew(id, delay_s + ttl_s)
if reason == "returned" then
  redis.call("HINCRBY", job, "returned", 1) -- this attempt does not count
  enqueue(id, true)
else
  redis.call("ZADD", later, now_s() + delay_s, id)
  redis.call("EXPIRE", later, STRUCTURE_TTL_S)
end
announce(id)
return 1
