-- Ends a job, once. A result counts from whichever attempt has it first; a failure only from the
-- newest, since a worker that was frozen for minutes fails where its successor is doing well.
-- The attempt that ended the job may call it again and gets 1 again: an answer may have been lost.
-- ARGV: id, attempt, "completed" or "failed", body, life of the result in s.
-- Returns 1, or 0 when the body was dropped.

local id, attempt, state, body, ttl_s = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local job = key("job", id)
local known = redis.call("HMGET", job, "state", "attempt", "ended_by")

if not known[1] then
  return 0
end
if has_ended(known[1]) then
  return (known[3] == attempt and known[1] == state) and 1 or 0
end
if state == "failed" and known[2] ~= attempt then
  return 0
end

end_job(id, state, body, attempt, ttl_s)
return 1
