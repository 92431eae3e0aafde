// Identifiers and codes: UUIDs of version 7, as the program makes them, so that indexes grow at their end alike.
import { randomBytes } from "node:crypto";

let random = Buffer.alloc(0);
let used = 0;

// Random bytes by the kilobyte: one call of the system for each identifier would cost more than all the rest.
function bytes(count) {
  if (used + count > random.length) {
    random = randomBytes(8192);
    used = 0;
  }
  used += count;
  return random.toString("hex", used - count, used);
}

export function uuid7() {
  const time = Date.now().toString(16).padStart(12, "0");
  const rest = bytes(10);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${rest.slice(0, 3)}-8${rest.slice(3, 6)}-${rest.slice(6, 18)}`;
}

export const key = () => `k1.${bytes(24)}`;
export const receiptCode = () => bytes(5).toUpperCase();
