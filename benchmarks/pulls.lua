-- Each of wrk's threads, with one connection, is a platform that walks through a segment's pages.
-- The environment says: PULLS_URLS (a file, a page a line), PULLS_KEY, PULLS_THREADS, PULLS_APART
-- ("yes": each platform in a part of its own), PULLS_PAUSE (mean milliseconds between requests).

local count = 0
function setup(thread)
  thread:set("number", count)
  count = count + 1
end

function init(args)
  urls = {}
  for line in io.lines(os.getenv("PULLS_URLS")) do urls[#urls + 1] = line end
  headers = {["X-API-Key"] = os.getenv("PULLS_KEY")}
  pause = tonumber(os.getenv("PULLS_PAUSE"))
  place = 0
  if os.getenv("PULLS_APART") == "yes" then
    place = math.floor(number * #urls / tonumber(os.getenv("PULLS_THREADS")))
  end
  math.randomseed(number + 1)
end

function request()
  place = place % #urls + 1
  return wrk.format("GET", urls[place], headers)
end

-- Exponential pauses, as of many callers who know nothing of one another.
function delay()
  if pause == 0 then return 0 end
  return math.floor(-pause * math.log(1 - math.random()) + 0.5)
end

function done(summary, latency, requests)
  io.write(string.format(
    "RESULT %d %d %d %d %d\n", summary.requests, summary.duration, summary.errors.status,
    latency:percentile(50), latency:percentile(99)))
end
