-- Ends a job, once. A result counts from whichever attempt has it first; a failure only from the
-- newest, since a worker that was frozen for minutes fails where its successor is doing well.
-- The attempt that ended the job may call it again and gets 1 again: an answer may have been lost.
-- ARGV: id, attempt, "completed" or "failed", body, life of the result in s.
-- Returns 1, or 0 when the body was dropped.

local id, attempt, state, body, ttl_s = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local job = key("job", id)
local known = redis.call("HMGET", job, "state", "attempt", "ended_by", "upload")

if not known[1] then
  return 0
end
if has_ended(known[1]) then
  return (known[3] == attempt and known[1] == state) and 1 or 0
end
if state == "failed" and known[2] ~= attempt then
  return 0
end

local now = now_s()
redis.call("HSET", job, "state", state, "stage", "", "ended_by", attempt)
if state == "completed" then
  redis.call("HSET", job, "result", body, "progress", 100)
else
  redis.call("HSET", job, "problem", body)
end
redis.call("EXPIRE", job, ttl_s)
redis.call("DEL", key("source", id))
if known[4] then
  redis.call("ZREM", key("upload", known[4]), id)
  need_upload(known[4], "ended", now)
end
redis.call("ZREM", active, id)
redis.call("ZREM", later, id)
redis.call("LPUSH", pace, stamp(now))
redis.call("LTRIM", pace, 0, 31)
redis.call("EXPIRE", pace, STRUCTURE_TTL_S)
if redis.call("EXPIRE", key("callback", id), ttl_s) == 1 then
  redis.call("ZADD", calls, now, id)
  redis.call("EXPIRE", calls, STRUCTURE_TTL_S)
end
announce(id)
return 1
