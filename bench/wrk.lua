-- Ask the questions of a file, one path a line, each thread from a place of its own; say the figures as one line of JSON.
local paths = {}
local threads = 0

function setup(thread)
   thread:set("number", threads)
   threads = threads + 1
end

function init(arguments)
   for path in io.lines(arguments[1]) do
      paths[#paths + 1] = path
   end
   position = number * 7
end

function request()
   position = position + 1
   return wrk.format("GET", paths[position % #paths + 1])
end

function done(summary, latency, requests)
   local failed = summary.errors
   io.write(string.format('\n{"requests": %d, "seconds": %f, "bytes": %d, "mean_ms": %f, "p95_ms": %f, "failed": %d}\n',
      summary.requests, summary.duration / 1e6, summary.bytes, latency.mean / 1e3, latency:percentile(95) / 1e3,
      failed.connect + failed.read + failed.write + failed.status + failed.timeout))
end
