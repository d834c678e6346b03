"""The configuration that a scenario runs with, as YAML text that a person would write."""

FIELDS = """\
      email:                  {column: EMAIL, transform: [trim, lower]}
      reference_origin:       {value: SAP}
      customer_group:         {column: KONDA, lookup: code}
      metadata.name:          {column: NAME1}
      metadata.credit_limit:  {column: KLIMK, type: decimal}
      metadata.blocked:       {column: AUFSD, type: boolean, map: {"X": true, "": false}}
      metadata.changed_at:    {column: AEDAT, type: date, format: "%Y%m%d"}
"""

UNLIMITED = """\
    average: {requests: 100000, per: 1s}
    burst:   {requests: 100000, per: 1s}
"""


def job(name, directory, mode="snapshot", schedule=None, budgets="changes: 100%", fields=FIELDS,
        source='pattern: "customers_*.csv"'):
    lines = [f"  - name: {name}",
             "    source:",
             f"      directory: {directory}",
             f"      {source}",
             f"      mode: {mode}",
             '      csv: {delimiter: ";", quote: "\\"", encoding: windows-1252, decimal_comma: true}']
    if schedule:
        lines += [f'    schedule: "{schedule}"', "    timezone: UTC"]
    lines += ["    match: {by: reference, column: KUNNR}", "    fields:", fields.rstrip("\n"),
              f"    budgets: {{{budgets}}}"]
    return "\n".join(lines) + "\n"


def configuration(scene, jobs=None, limits=UNLIMITED, more="", **api):
    """`more`: further sections, as YAML text. `api`: sessions, connect, request, attempts, base, cap, give_up, base_url, token_url,
    secret."""
    twin = scene.twin
    base_url = api.get("base_url") or twin.base_url
    token_url = api.get("token_url") or twin.token_url
    ca_file = f"  ca_file: {twin.said['ca_file']}\n" if twin is not None else ""
    jobs = jobs or job("erp-customers", scene.spool)
    return f"""\
api:
  base_url: {base_url}
  token_url: {token_url}
  client_id: integration-client
  client_secret_file: {api.get("secret", scene.secret_file)}
{ca_file}  sessions: {api.get("sessions", 8)}
  limits:
{limits}  timeouts: {{connect: {api.get("connect", "5s")}, request: {api.get("request", "15s")}}}
  retry: {{attempts: {api.get("attempts", 6)}, base: {api.get("base", "50ms")}, \
cap: {api.get("cap", "1s")}, give_up: {api.get("give_up", "10s")}}}

state:
  path: {scene.state}

{more}
jobs:
{jobs}"""
