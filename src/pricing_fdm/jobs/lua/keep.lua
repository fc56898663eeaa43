-- What some worker does every second: gives a sign of life, puts jobs whose time has come before the
-- workers, and moves the end of the keys that Dramatiq makes without one.
-- ARGV: this worker's id for Dramatiq, or ""; seconds for which its sign of life counts, 0 while it
--       takes no jobs.
-- Returns {unfinished, waiting, dead letters, workers that take jobs}.

local lanes = { "rush", "standard" }
local now = now_s()
for _, id in ipairs(redis.call("ZRANGEBYSCORE", later, "-inf", now, "LIMIT", 0, 100)) do
  redis.call("ZREM", later, id)
  if redis.call("HGET", key("job", id), "state") == "queued" then
    enqueue(id, false)
  end
end

local queue = prefix .. ":queue:"
local waiting, dead = redis.call("ZCARD", later), 0
redis.call("EXPIRE", queue .. "__heartbeats__", STRUCTURE_TTL_S)
for _, lane in ipairs(lanes) do
  waiting = waiting + redis.call("LLEN", queue .. lane)
  dead = dead + redis.call("ZCARD", queue .. lane .. ".XQ")
  for _, suffix in ipairs({ "", ".msgs", ".XQ", ".XQ.msgs" }) do
    redis.call("EXPIRE", queue .. lane .. suffix, STRUCTURE_TTL_S)
  end
  if ARGV[1] ~= "" then
    redis.call("EXPIRE", queue .. "__acks__." .. ARGV[1] .. "." .. lane, STRUCTURE_TTL_S)
  end
end
redis.call("ZREMRANGEBYSCORE", active, "-inf", now)

if tonumber(ARGV[2]) > 0 then
  redis.call("ZADD", workers, now + tonumber(ARGV[2]), ARGV[1])
  redis.call("EXPIRE", workers, STRUCTURE_TTL_S)
else
  redis.call("ZREM", workers, ARGV[1])
end
redis.call("ZREMRANGEBYSCORE", workers, "-inf", now)
return { redis.call("ZCARD", active), waiting, dead, redis.call("ZCARD", workers) }
