-- A callback was made. ARGV: id, seconds until the next try; "" when there is none.

local SPARE_S = 90 -- from when a try is due until it has been made

if ARGV[2] == "" then
  redis.call("ZREM", calls, ARGV[1])
  redis.call("DEL", key("callback", ARGV[1]))
else
  local delay_s = tonumber(ARGV[2])
  redis.call("ZADD", calls, now_s() + delay_s, ARGV[1])
  -- The next try needs both keys.
  for _, kind in ipairs({ "job", "callback" }) do
    local name, least_s = key(kind, ARGV[1]), math.ceil(delay_s) + SPARE_S
    if redis.call("TTL", name) < least_s then
      redis.call("EXPIRE", name, least_s)
    end
  end
end
return 1
