-- form.lua - what wrk posts: forms that all differ, as forms do. Prints what came out as one line of JSON.
local threads = 0
local count = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function request()
  count = count + 1
  local body = string.format('{"name":"Erika Beispiel","nummer":"%d-%d","betrag":%d}', number, count, count % 200)
  return wrk.format("POST", nil, { ["Content-Type"] = "application/json" }, body)
end

function done(summary, latency, requests)
  local errors = summary.errors
  print(string.format('RESULT {"requests":%d,"seconds":%.3f,"p50":%.3f,"p99":%.3f,"max":%.3f,"refused":%d,"broken":%d}',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000, latency.max / 1000,
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
