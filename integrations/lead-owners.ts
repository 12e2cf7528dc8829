/** Who of those that take turns is nobody in a CRM: they would be given leads that nobody owns. */
import type { Crm, CrmCall } from './ports';

/** Places in the list, from 1 on: addresses are personal. */
export async function unknownOwners(crm: Crm, emails: readonly string[], call: CrmCall): Promise<number[]> {
  const unknown: number[] = [];
  for (const [index, email] of emails.entries()) {
    if ((await crm.findOwner(email, call)) === null) unknown.push(index + 1);
  }
  return unknown;
}
