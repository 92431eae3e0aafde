// The pool and the statements. Each statement is prepared once for each connection, which is what its name does.
import { readdirSync, readFileSync } from "node:fs";
import pg from "pg";

const folder = new URL("../sql/", import.meta.url);
const text = Object.fromEntries(
  readdirSync(folder).map((file) => [file.replace(".sql", ""), readFileSync(new URL(file, folder), "utf8")]),
);

export const pool = new pg.Pool({
  host: process.env.PEER_SOCKET,
  user: process.env.PEER_LOGIN,
  database: process.env.PEER_DATABASE,
  min: 16,
  max: 16,
  options: "-c jit=off -c timezone=UTC",
});

export const ask = (client, name, values) => client.query({ name, text: text[name], values });

// What one call writes, all or nothing.
export async function inTransaction(work) {
  const client = await pool.connect();
  try {
    await client.query(text.opening);
    const found = await work(client);
    await client.query("COMMIT");
    return found;
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  } finally {
    client.release();
  }
}
