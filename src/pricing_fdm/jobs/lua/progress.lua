-- Records how far an attempt is; the percentage of a job never falls.
-- ARGV: id, attempt, percent, stage.
-- Returns 1, or 0 when the job needs this attempt no longer because it has ended.

local id, attempt, percent, stage = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
local job = key("job", id)
local known = redis.call("HMGET", job, "state", "attempt", "progress", "stage")

if not known[1] or has_ended(known[1]) then
  return 0
end
if known[2] == attempt and known[1] == "processing" then
  percent = math.max(percent, tonumber(known[3] or "0"))
  if known[4] ~= stage or tonumber(known[3] or "0") ~= percent then
    redis.call("HSET", job, "stage", stage, "progress", percent)
    announce(id)
  end
end
return 1
