-- Ends a job as failed, unless it has ended before. A worker that is busy with it is told so when it
-- next reports its progress, and its result would be dropped.
-- ARGV: id, problem, life of the result in s.
-- Returns 1, or 0 when the job is unknown or had ended.

local id, problem, ttl_s = ARGV[1], ARGV[2], tonumber(ARGV[3])
local job = key("job", id)
local known = redis.call("HMGET", job, "state", "lane", "messages")

if not known[1] or has_ended(known[1]) then
  return 0
end
local list, message_id = prefix .. ":queue:" .. known[2], id .. "." .. known[3]
if redis.call("LREM", list, 0, message_id) > 0 then
  redis.call("HDEL", list .. ".msgs", message_id)
end
end_job(id, "failed", problem, "cancelled", ttl_s)
return 1
