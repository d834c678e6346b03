"""Customers as the ERP of the shipped configuration (config/patchbay.yaml) exports them, and as the
API then has to hold them."""

import copy
import json

COLUMNS = ["KUNNR", "EMAIL", "KONDA", "KLIMK", "AUFSD", "AEDAT", "VORNA", "NACHN", "NOTE"]


def people(count):
    return {f"C-{n:06}": {"email": f"buyer.{n}@example.com", "group": "GOLD" if n % 3 else "SILVER",
                          "credit": f"{1000 + n}.50", "blocked": n % 7 == 0,
                          "changed": f"2026-11-{n % 28 + 1:02}", "first": "Ada", "last": f"Lovelace {n}",
                          "note": f"private {n}"} for n in range(1, count + 1)}


def edited(records, count, mark):
    """The credit limit of the first `count` becomes another; `mark`: another one each time."""
    after = copy.deepcopy(records)
    for n, record in enumerate(list(after.values())[:count]):
        record["credit"] = f"{ord(mark) * 1000 + n}.25"
    return after


def drop_text(records):
    rows = [COLUMNS] + [[key, one["email"], one["group"], one["credit"].replace(".", ","),
                         "X" if one["blocked"] else "", one["changed"].replace("-", ""), one["first"],
                         one["last"], one["note"]] for key, one in records.items()]
    return "".join(";".join(row) + "\r\n" for row in rows)


def metadata(one):
    return {"credit_limit": float(one["credit"]), "blocked": one["blocked"],
            "changed_at": one["changed"], "contact": {"name": f"{one['first']} {one['last']}"},
            "note": one["note"]}


def seed_text(records):
    """What the twin is started with."""
    return "".join(json.dumps({"reference": key, "reference_origin": "SAP", "email": one["email"],
                               "customer_group": one["group"],
                               "metadata": {**metadata(one), "loyalty": 7}}) + "\n"
                   for key, one in records.items())


def telling_differences(records, found):
    """Keys of the customers that the API holds otherwise; another system's metadata must survive."""
    held = {one["reference"]: one for one in found}
    return [key for key, one in records.items()
            if held[key]["metadata"] != {**metadata(one), "loyalty": 7} or held[key]["email"] != one["email"]]
