-- The PATCHes of the send benchmark, as wrk sends them: same head, same body, one id after another.
local number = 0
local head = {
  ["Accept"] = "application/vnd.api+json",
  ["Content-Type"] = "application/vnd.api+json",
  ["Authorization"] = "Bearer eyJhbGciOiJub25lIn0.eyJ0ZXN0IjpmYWxzZX0.x",
}

function request()
  number = number + 1
  local body = string.format('{"data":{"type":"customers","id":"i%d","attributes":' ..
                             '{"email":"c%d@shop.example"}}}', number, number)
  return wrk.format("PATCH", "/api/customers/i" .. number, head, body)
end

function done(summary)
  io.write(string.format('{"requests":%d,"failed":%d,"seconds":%f}\n', summary.requests,
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write,
    summary.duration / 1e6))
end
