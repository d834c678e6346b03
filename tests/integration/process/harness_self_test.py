#!/usr/bin/env python3
"""Proves that the harness itself can say no: a checker that never objects proves nothing."""

import csv
import io
import sys
from types import SimpleNamespace

import export
import windows


def at(*seconds):
    return [SimpleNamespace(arrival=second) for second in seconds]


def overrun_is_found():
    return (len(windows.overruns(at(0.0, 0.5, 0.999), 2, 1.0)) == 1
            and windows.overruns(at(0.0, 0.5, 1.0), 2, 1.0) == [])


def share_counts_from_one_window_after_the_start():
    even = at(*[n / 10 for n in range(200)])
    half = at(*[n / 5 for n in range(100)])
    return (windows.used_share(even, 0.0, 10, 6.0) > 0.97
            and windows.used_share(half, 0.0, 10, 6.0) < 0.55)


def the_drop_is_what_a_csv_reader_reads():
    records = export.customers(30)
    rows = list(csv.reader(io.StringIO(export.drop_bytes(records).decode("cp1252"), newline=""),
                           delimiter=";"))
    wanted = [export.COLUMNS] + [export.cells(key, one) for key, one in records.items()]
    return rows == wanted


def lines_are_physical():
    records = export.customers(20)
    text = export.drop_bytes(records).decode("cp1252").replace("\r\n", "\n").split("\n")
    return all(text[line - 1].startswith(f'"{key}"')
               for key, line in export.first_lines(records).items())


def differences_are_found():
    records = export.customers(3)
    state = {key: {"email": one["email"], "customer_group": one["group"],
                   "metadata": export.metadata(one)} for key, one in records.items()}
    same = export.differences(records, state)
    state["C-000002"]["metadata"]["blocked"] = True
    del state["C-000003"]
    return same == [] and len(export.differences(records, state)) == 2


CHECKS = [overrun_is_found, share_counts_from_one_window_after_the_start,
          the_drop_is_what_a_csv_reader_reads, lines_are_physical, differences_are_found]


def main():
    failed = [check.__name__ for check in CHECKS if not check()]
    for name in failed:
        print(f"FAILED  {name}")
    print(f"{len(CHECKS) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
