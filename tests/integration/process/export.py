"""What an ERP exports and what the API then has to hold: customers as plain records, written as a
drop in windows-1252 with semicolons, quotes, CRLF, accents and a newline inside quotes."""

import copy
import json

COLUMNS = ["KUNNR", "NAME1", "EMAIL", "KONDA", "KLIMK", "AUFSD", "AEDAT"]
GROUPS = ["GOLD", "SILVER", "BRONZE", "STANDARD"]
NAMES = ["Città di Castello", "Müller & Söhne", "Café Ångström", "Peña S.L.", "Œuvre Naïve"]


def customers(count):
    """`count` records as the ERP has them, keyed C-000001 onwards, in that order."""
    return {f"C-{n:06}": {
        "email": f"buyer.{n}@example.com",
        "name": f"{NAMES[n % len(NAMES)]} {n}" + ("\nfiliale" if n % 7 == 0 else ""),
        "group": GROUPS[n % len(GROUPS)],
        "credit_limit": f"{1000 + n}.{n % 100:02}",
        "blocked": n % 11 == 0,
        "changed_at": f"2026-{n % 12 + 1:02}-{n % 28 + 1:02}",
    } for n in range(1, count + 1)}


def changed(records, edits):
    """A copy with some fields of some customers edited: {key: {field: value}}."""
    copied = copy.deepcopy(records)
    for key, fields in edits.items():
        copied[key].update(fields)
    return copied


def cells(key, record):
    return [key, record["name"], record["email"], record["group"],
            record["credit_limit"].replace(".", ","), "X" if record["blocked"] else "",
            record["changed_at"].replace("-", "")]


def drop_bytes(records, columns=None):
    """The whole file. Every cell is quoted, quotes inside are doubled."""
    columns = columns or COLUMNS
    rows = [columns] + [cells(key, record) for key, record in records.items()]
    text = "".join(";".join('"' + cell.replace('"', '""') + '"' for cell in row) + "\r\n"
                   for row in rows)
    return text.encode("cp1252")


def first_lines(records):
    """Key to the physical line on which its record begins, the header being line 1."""
    lines, at = {}, 2
    for key, record in records.items():
        lines[key] = at
        at += 1 + record["name"].count("\n")
    return lines


def metadata(record):
    """The part of a customer's metadata that the ERP owns, numbers as their digits."""
    return {"name": record["name"], "credit_limit": number(record["credit_limit"]),
            "blocked": record["blocked"], "changed_at": record["changed_at"]}


def number(digits):
    return float(digits)


def id_of(key):
    """The id that the seed file gives a customer: ten letters made from its number."""
    digits = f"{int(key.split('-')[1]):010}"
    return "".join(chr(ord("a") + int(digit)) for digit in digits)


def seed_lines(records, foreign=None):
    """What the twin is started with. `foreign`: metadata that other systems own."""
    lines = []
    for key, record in records.items():
        lines.append(json.dumps({
            "id": id_of(key), "reference": key, "reference_origin": "SAP",
            "email": record["email"], "customer_group": record["group"],
            "metadata": {**metadata(record), **(foreign or {})},
        }, ensure_ascii=False))
    return "\n".join(lines) + "\n"


def differences(records, state):
    """Where the API's customers are not what the ERP's records say, as sentences."""
    found = []
    for key, record in records.items():
        there = state.get(key)
        if there is None:
            found.append(f"{key} is missing")
            continue
        wanted = {"email": record["email"], "customer_group": record["group"],
                  **{f"metadata.{name}": value for name, value in metadata(record).items()}}
        for field, value in wanted.items():
            part = there.get("metadata", {}) if field.startswith("metadata.") else there
            name = field.removeprefix("metadata.")
            if part.get(name) != value:
                found.append(f"{key}.{field} is {part.get(name)!r}, the file says {value!r}")
    return found
