-- A callback was made. ARGV: id, seconds until the next try; "" when there is none.

if ARGV[2] == "" then
  redis.call("ZREM", calls, ARGV[1])
  redis.call("DEL", key("callback", ARGV[1]))
else
  redis.call("ZADD", calls, now_s() + tonumber(ARGV[2]), ARGV[1])
end
return 1
