-- Put before every script: names of keys, the clock, and how a message reaches the workers.
--
-- KEYS[1] is the prefix of every key; all other names follow from it. That needs one Redis and no
-- cluster, as Dramatiq's own script does. Times are seconds since 1970 by the clock of Redis: one
-- clock for all machines.

local prefix = KEYS[1]

-- Lists and the like outlive single jobs; each use moves their end. Longer than dead letters are kept.
local STRUCTURE_TTL_S = 8 * 86400

local function key(kind, id)
  return prefix .. ":" .. kind .. ":" .. id
end

local active = prefix .. ":active" -- unfinished jobs by the time at which they expire
local later = prefix .. ":later" -- jobs to be tried again, by the time from which on
local calls = prefix .. ":calls" -- callbacks to be made, by the time from which on
-- Workers that take jobs, by the time until which their sign of life counts. Dramatiq's heartbeats are
-- not that: a worker whose slicer is broken sends them too, and by the clock of its own machine.
local workers = prefix .. ":workers"
local pace = prefix .. ":pace" -- when the last jobs ended, newest first

local function now_s()
  local time = redis.call("TIME")
  return tonumber(time[1]) + tonumber(time[2]) / 1000000
end

local function stamp(seconds)
  return string.format("%.3f", seconds)
end

-- Wakes every listener of the job: something about it has changed.
local function announce(id)
  redis.call("PUBLISH", key("news", id), "")
end

-- Queues a job for the workers, in the layout of Dramatiq's `dispatch.lua`: a list of message ids,
-- and a hash from ids to messages. It makes every earlier message of the job void.
local function enqueue(id, front)
  local job = key("job", id)
  local lane = redis.call("HGET", job, "lane")
  local number = redis.call("HINCRBY", job, "messages", 1)
  local message_id = id .. "." .. number
  local message = cjson.encode({
    queue_name = "jobs",
    actor_name = "price",
    args = { id, number },
    kwargs = {},
    options = { redis_message_id = message_id, lane = lane },
    message_id = message_id,
    message_timestamp = math.floor(now_s() * 1000),
  })
  local list = prefix .. ":queue:" .. lane
  redis.call("HSET", list .. ".msgs", message_id, message)
  redis.call(front and "LPUSH" or "RPUSH", list, message_id)
  redis.call("EXPIRE", list, STRUCTURE_TTL_S)
  redis.call("EXPIRE", list .. ".msgs", STRUCTURE_TTL_S)
end

-- Notes until when a job needs an upload; every upload that jobs need or needed has such a list.
local function need_upload(upload, who, until_s)
  redis.call("ZADD", key("upload", upload), until_s, who)
  redis.call("EXPIRE", key("upload", upload), STRUCTURE_TTL_S)
end

-- Moves the end of an unfinished job, and of all that it needs, to so many seconds from now. Its
-- link lives no longer than it is good.
local function renew(id, ttl_s)
  local job, now = key("job", id), now_s()
  redis.call("EXPIRE", job, math.ceil(ttl_s))
  redis.call("EXPIRE", key("callback", id), math.ceil(ttl_s))
  local known = redis.call("HMGET", job, "source_until", "upload")
  if known[1] then
    local source_s = math.min(ttl_s, tonumber(known[1]) - now)
    redis.call("PEXPIRE", key("source", id), math.floor(1000 * source_s))
  end
  if known[2] then
    need_upload(known[2], id, now + ttl_s)
  end
  redis.call("ZADD", active, now + ttl_s, id)
  redis.call("EXPIRE", active, STRUCTURE_TTL_S)
end

local function has_ended(state)
  return state == "completed" or state == "failed"
end

-- Ends a job: lets go what it needed, wakes whoever listens, and makes its callback due.
local function end_job(id, state, body, ended_by, ttl_s)
  local job, now = key("job", id), now_s()
  local upload = redis.call("HGET", job, "upload")
  redis.call("HSET", job, "state", state, "stage", "", "ended_by", ended_by)
  if state == "completed" then
    redis.call("HSET", job, "result", body, "progress", 100)
  else
    redis.call("HSET", job, "problem", body)
  end
  redis.call("EXPIRE", job, ttl_s)
  redis.call("DEL", key("source", id))
  if upload then
    redis.call("ZREM", key("upload", upload), id)
    need_upload(upload, "ended", now)
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
end
