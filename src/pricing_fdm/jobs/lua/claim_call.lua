-- Takes the callback that is due longest, for a while: if its worker dies, another makes it then.
-- ARGV: seconds for which it is taken.
-- Returns {} or {id, URL, number of the try}.

local now = now_s()
local id = redis.call("ZRANGEBYSCORE", calls, "-inf", now, "LIMIT", 0, 1)[1]
if not id then
  return {}
end
local url = redis.call("GET", key("callback", id))
if not url or redis.call("EXISTS", key("job", id)) == 0 then
  redis.call("ZREM", calls, id)
  redis.call("DEL", key("callback", id))
  return {}
end
redis.call("ZADD", calls, now + tonumber(ARGV[1]), id)
return { id, url, tostring(redis.call("HINCRBY", key("job", id), "calls", 1)) }
