"""Proves over the twin's log that no window was overrun, and how much of it was used."""


def overruns(requests, limit, seconds):
    """Spans of `seconds` that hold more than `limit` requests, as sentences."""
    times = sorted(one.arrival for one in requests)
    return [f"{limit + 1} requests within {later - times[at]:.6f} s, from {times[at]:.6f}"
            for at, later in enumerate(times[limit:]) if later - times[at] < seconds]


def used_share(requests, begin, per_second, settling):
    """Requests that arrived from `settling` seconds after `begin` on, of those allowed."""
    times = sorted(one.arrival for one in requests)
    span = times[-1] - (begin + settling)
    if span <= 0:
        raise AssertionError("too short to measure: everything arrived within the first window")
    return sum(1 for time in times if time > begin + settling) / (span * per_second)
