/**
 * Which vendors are simulated. A new one costs a folder and a line here.
 * Invariant: the key is the first part of the vendor's paths, `http://…/{key}/…`.
 */
import { createCalcomSimulator } from './calcom/simulator';
import { createGohighlevelSimulator } from './gohighlevel/simulator';
import { createHubspotSimulator } from './hubspot/simulator';
import { createMailSimulator } from './mail/simulator';
import { createSlackSimulator } from './slack/simulator';
import type { VendorContext, VendorSimulator } from './vendor';

/** Makes all vendors; each loads its saved state first. When one can't, those that were made are closed again. */
export async function createVendors(context: VendorContext) {
  const made: VendorSimulator[] = [];
  const keep = <T extends VendorSimulator>(vendor: T): T => {
    made.push(vendor);
    return vendor;
  };
  try {
    return {
      calcom: keep(await createCalcomSimulator(context)),
      gohighlevel: keep(await createGohighlevelSimulator(context)),
      hubspot: keep(await createHubspotSimulator(context)),
      mail: keep(await createMailSimulator(context)),
      slack: keep(await createSlackSimulator(context)),
    };
  } catch (error) {
    await Promise.all(made.map((vendor) => vendor.close()));
    throw error;
  }
}

export type Vendors = Awaited<ReturnType<typeof createVendors>>;
