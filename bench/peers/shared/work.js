// The measured work as plain functions. Random bytes stand for what the program seals, in its sizes.
import { randomBytes } from "node:crypto";
import { ask, inTransaction, pool } from "./database.js";
import { key, receiptCode, uuid7 } from "./identifier.js";

// The installation's clock stands in March 2022, so many milliseconds behind ours.
const behind = Number(process.env.PEER_BEHIND) * 1000;
const now = () => new Date(Date.now() - behind);

const contact = randomBytes(143);
const identity = randomBytes(237);
const report = randomBytes(348);
const hash = `k1.${"x".repeat(48)}`;
const missing = JSON.stringify(Array.from({ length: 7 }, (_, place) => [`criterion_${place}`, "respiratory_rate"]));
const advice = "Trạm y tế sẽ gọi cho quý vị. Nếu khó thở, tím môi hoặc đau ngực, hãy gọi 115 ngay.".repeat(2);
const disease = "covid19";

const city = pool.query("SELECT id, lo, hi FROM area WHERE parent_id IS NULL").then((found) => found.rows[0]);

export async function declare(input) {
  const person = input.people[0];
  const at = now();
  const day = at.toISOString().slice(0, 10);
  const severe = person.symptoms.includes("dyspnoea");
  const keys = person.nationalId ? [key(), key()] : [key()];
  const [id, declaration, theCase, alert, code] = [uuid7(), uuid7(), uuid7(), severe ? uuid7() : null, receiptCode()];
  const dueAt = severe ? new Date(at.getTime() + 1_800_000) : null;
  const place = await inTransaction(async (client) => {
    const ward = (await ask(client, "place", [input.address.areaCode, day, disease, keys])).rows[0];
    await ask(client, "declare", [
      ...[id, input.idempotencyKey, hash, code, disease, ward.id, ward.lo, ward.station_id, key(), contact, at, day],
      ...[declaration, theCase, uuid7(), identity, person.sex.toLowerCase(), "18-49", severe, severe ? "RED" : null],
      ...[severe ? 0 : 3, report, uuid7(), severe ? '[["dyspnoea",null]]' : "[]", missing, "covid19-hcmc-2022-03-17"],
      ...[keys, false, uuid7(), hash, id, alert, dueAt],
    ]);
    if (severe) await ask(client, "event", [alert, at]);
    return ward;
  });
  const receipt = {
    __typename: "Receipt",
    code,
    submittedAt: at,
    advice,
    station: { name: place.station_name, phone: place.station_phone },
    declarations: [{ id: declaration, state: "SUBMITTED" }],
  };
  return { receipt, event: severe ? raised(at, alert, dueAt, theCase, place) : null };
}

function raised(at, id, dueAt, theCase, place) {
  const about = { id: theCase, ageBand: "18-49" };
  const alert = { id, kind: "SEVERE", danger: "RED", dueAt, area: { id: place.id, name: place.name }, case: about };
  return { cursor: id, change: "RAISED", at, alert };
}

export async function declarations(first) {
  const { lo, hi } = await city;
  const { rows } = await ask(pool, "declarations", [lo, hi, first + 1]);
  return { nodes: rows.slice(0, first) };
}

export async function worklist(first) {
  const { lo, hi } = await city;
  const { rows } = await ask(pool, "worklist", [lo, hi, first + 1, now()]);
  return { nodes: rows.slice(0, first).map(item) };
}

export async function areaSummary() {
  const at = now();
  const { rows } = await ask(pool, "summary", [(await city).id, at.toISOString().slice(0, 10), at, disease]);
  const [area, ...children] = rows.map(figures);
  return { ...area, children };
}

function item(row) {
  const { kind, since, dueAt, overdue, state, ageBand, openedAt } = row;
  const about = { id: row.case, state, ageBand, openedAt, area: { name: row.area } };
  return { kind, since, dueAt, overdue, case: about, alert: { id: row.alert } };
}

function figures(row) {
  const { declared, confirmed, active, severe, highRisk, open, overdue } = row;
  return { area: { name: row.name }, declared, confirmed, active, severe, highRisk, alerts: { open, overdue } };
}
