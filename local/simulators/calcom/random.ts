/**
 * Ids of the simulated account.
 * Invariant: an id follows from its name; nothing is drawn from the machine.
 */
import { createHash } from 'node:crypto';

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const UID_LENGTH = 22;

/** A booking's uid: 22 characters, as Cal.com's look. */
export function shortId(name: string): string {
  let rest = BigInt(`0x${digest(name)}`);
  let text = '';
  while (text.length < UID_LENGTH) {
    text += BASE58[Number(rest % 58n)] ?? '';
    rest /= 58n;
  }
  return text;
}

/** A UUID, as Cal.com's ids of seats, subscriptions and slots look. */
export function uuid(name: string): string {
  const hex = digest(name);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function digest(name: string): string {
  return createHash('sha256').update(name).digest('hex');
}
