// The same job with DuckDB: which rows of a drop changed, and in which fields, against a persisted
// table. node intake_peer.mjs DATABASE load|diff DROP.csv
import { DuckDBInstance } from "@duckdb/node-api";

const [database, what, drop] = process.argv.slice(2);
const instance = await DuckDBInstance.create(database);
const connection = await instance.connect();
const columns = ["NAME1", "EMAIL", "STRAS", "ORT01", "KLIMK", "AUFSD", "AEDAT"];
const rows = `read_csv('${drop}', delim=';', quote='"', escape='"', header=true, all_varchar=true,
  new_line='\\r\\n')`;

if (what === "load") {
  await connection.run(`CREATE TABLE known AS SELECT * FROM ${rows}`);
  await connection.run("CHECKPOINT");
} else {
  const differs = columns.map((name) => `n.${name} IS DISTINCT FROM k.${name}`);
  const flags = columns.map((name, at) => `(${differs[at]}) AS d_${name}`);
  await connection.run(`CREATE TEMP TABLE changes AS
    SELECT n.KUNNR, k.KUNNR IS NULL AS is_new, ${flags.join(", ")}
    FROM ${rows} n LEFT JOIN known k ON n.KUNNR = k.KUNNR
    WHERE k.KUNNR IS NULL OR ${differs.join(" OR ")}`);
  const counted = await connection.runAndReadAll(
    "SELECT count(*) FILTER (NOT is_new), count(*) FILTER (is_new) FROM changes");
  const [changed, fresh] = counted.getRows()[0];
  console.log(JSON.stringify({ changed: Number(changed), new: Number(fresh) }));
}
