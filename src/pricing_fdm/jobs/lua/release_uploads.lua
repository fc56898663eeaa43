-- Returns those of some old uploads that no job needs, nor needed a while ago. No job can be submitted
-- for these from now on, so they can be removed. A request that is looking for one in the store at
-- this moment still finds it.
-- ARGV: seconds for which an upload is kept after the last job that needed it, hashes of uploads' keys.
-- Returns the hashes of those that may go.

local SWEPT_S = 600 -- longer than a removal takes, or a request that has seen the upload

local now, free = now_s(), {}
for index = 2, #ARGV do
  local upload = ARGV[index]
  local latest = redis.call("ZREVRANGE", key("upload", upload), 0, 0, "WITHSCORES")[2]
  if not latest or tonumber(latest) + tonumber(ARGV[1]) <= now then
    redis.call("DEL", key("upload", upload))
    redis.call("SET", key("swept", upload), "", "EX", SWEPT_S)
    free[#free + 1] = upload
  end
end
return free
