"""What the ERP exports night after night, and what has to become of it: the records as the API has
to hold them, and for each drop where it has to lie in the end. Plain book-keeping, no process."""

import copy
from dataclasses import dataclass, field

import export

NIGHTLY_FIELDS = """\
      metadata.credit_limit: {column: KLIMK, type: decimal}
      metadata.blocked:      {column: AUFSD, type: boolean, map: {"X": true, "": false}}
"""
ARRIVAL_FIELDS = """\
      email:         {column: EMAIL, transform: [trim, lower]}
      metadata.name: {column: NAME1}
"""
OWNED = {"nightly": ("credit_limit", "blocked"), "arrival": ("email", "name")}
MOST_CHANGES = 25  # the budget of both jobs
TOO_MANY = 32


@dataclass
class Drop:
    name: str
    content: bytes
    rows: int
    fate: str = "admitted"  # admitted, superseded, held, discarded, failed
    edits: dict = field(default_factory=dict)  # what it changes at the API once it is admitted
    refused: dict = field(default_factory=dict)  # keys that the API refuses, rows that cannot be read
    endangered: bool = False  # its night knew a kill, or a spool that was full


class Job:
    """One job's exports. `known`: what this job's last admitted drops want, for all customers."""

    def __init__(self, name, mode, records, dice):
        self.name, self.mode, self.dice = name, mode, dice
        self.known = copy.deepcopy(records)
        self.drops = []
        self.letters = set()  # keys with a dead letter
        self.number = 0
        self.tonight = set()  # keys that a drop of this night names

    def next_name(self):
        self.number += 1
        return f"customers_{self.number:05}.csv"

    def edit(self, key):
        """A new value for some of the fields that this job owns, now and then none."""
        if self.name == "nightly":
            limit = f"{self.dice.randrange(100_000)}.{self.dice.randrange(100):02}"
            return self.dice.choice([{"credit_limit": limit}, {"credit_limit": limit},
                                     {"blocked": not self.known[key]["blocked"]}])
        word = f"{self.number}.{self.dice.randrange(1 << 20):05x}"
        name = f"Città {word}" + self.dice.choice(["", "\nfiliale"])
        return self.dice.choice([{"email": f"{key.lower()}.{word}@example.com"}, {"name": name},
                                 {"email": f"{key.lower()}.{word}@example.com", "name": name}])

    def keys(self, count):
        """Customers to change. The last ten are those whom the API refuses now and then, as what
        they want belongs to the very last: what else waits for them would be refused with it."""
        return self.dice.sample(list(self.known)[:-10], count)

    def export(self, edits, spoiled=None):
        """The file: all customers, or only those that changed."""
        whole = export.changed(self.known, edits)
        rows = whole if self.mode == "snapshot" else {key: whole[key] for key in edits}
        return export.drop_bytes(export.changed(rows, spoiled or {})), len(rows)

    def normal(self):
        name = self.next_name()
        edits = {key: self.edit(key) for key in self.keys(self.dice.randint(1, 6))}
        content, rows = self.export(edits)
        return self.add(Drop(name, content, rows, edits=edits))

    def whole(self):
        """All customers as they are: the first drop, after which each of them is known."""
        name = self.next_name()
        return self.add(Drop(name, export.drop_bytes(self.known), len(self.known)))

    def spoiled(self):
        """One row that is refused: a number that is none, an address that somebody else has."""
        # What was corrected and is not sent yet would be overtaken, and never reach the API.
        left = [one for one in list(self.known)[-10:-1] if one not in self.tonight]
        if not left:
            return self.normal()
        name = self.next_name()
        edits = {key: self.edit(key) for key in self.keys(3)}
        key = self.dice.choice(left)
        if self.mode == "snapshot":
            bad = {key: {"credit_limit": "nonsense"}}
            content, rows = self.export(edits, bad)
        else:
            bad = {key: {"email": self.known[list(self.known)[-1]]["email"]}}
            content, rows = self.export({**edits, **bad})
        return self.add(Drop(name, content, rows, edits=edits, refused=bad))

    def corrected(self):
        """A new address for everybody who was refused."""
        name = self.next_name()
        edits = {key: {"email": f"{key.lower()}.{self.number}@example.com"} for key in sorted(self.letters)}
        content, rows = self.export(edits)
        return self.add(Drop(name, content, rows, edits=edits))

    def too_much(self):
        name = self.next_name()
        edits = {key: {"credit_limit": f"{self.number}.75"} if self.name == "nightly" else
                 {"email": f"{key.lower()}.{self.number}@example.com"} for key in self.keys(TOO_MANY)}
        content, rows = self.export(edits)
        return self.add(Drop(name, content, rows, "held", edits))

    def malformed(self):
        name = self.next_name()
        return self.add(Drop(name, b"KUNNR;NONSENSE\r\nC-000001;1\r\n", 0, "failed"))

    def add(self, drop):
        """A row says all of its fields, also those that stay as they are."""
        for key, fields in drop.edits.items():
            said = {name: self.known[key][name] for name in OWNED[self.name]}
            drop.edits[key] = {**said, **fields}
        self.drops.append(drop)
        self.tonight |= {*drop.edits, *drop.refused}
        if drop.fate == "admitted":
            self.admit(drop)
        return drop

    def admit(self, drop):
        """The API has to follow it. What is still held of a snapshot job is overtaken."""
        drop.fate = "admitted"
        for key, fields in drop.edits.items():
            self.known[key].update(fields)
            self.letters.discard(key)
        if self.mode == "delta":
            self.letters |= set(drop.refused)
        else:
            for older in self.drops:
                if older is not drop and older.fate == "held":
                    older.fate = "superseded"

    def approve(self, drop):
        """Let through: what was dropped after it waited for it, and counts after it."""
        self.admit(drop)
        for later in self.drops[self.drops.index(drop) + 1:]:
            if later.fate == "admitted":
                self.admit(later)

    def held(self):
        return [one for one in self.drops if one.fate == "held"]


def endanger(jobs, since):
    """What was dropped since, each job having had so many drops, and what is held from before."""
    for job in jobs.values():
        for number, drop in enumerate(job.drops):
            drop.endangered |= number >= since[job.name] or drop.fate == "held"


class Ledger:
    def __init__(self, records, dice):
        self.first = records
        self.jobs = {"nightly": Job("nightly", "snapshot", records, dice),
                     "arrival": Job("arrival", "delta", records, dice)}

    def expected(self):
        """The customers as the API has to hold them now."""
        whole = copy.deepcopy(self.first)
        for name, job in self.jobs.items():
            for key, record in job.known.items():
                whole[key].update({one: record[one] for one in OWNED[name]})
        return whole

    def waiting(self, name, state):
        """How many customers of a job the API does not have right yet."""
        job = self.jobs[name]
        return sum(any(theirs(state[key], one) != value_of(record, one) for one in OWNED[name])
                   for key, record in job.known.items())


def value_of(record, name):
    return record[name] if name == "email" else export.metadata(record)[name]


def theirs(customer, name):
    return customer.get("email") if name == "email" else customer.get("metadata", {}).get(name)
