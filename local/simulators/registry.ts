/**
 * Which vendors are simulated. A new one costs a folder and a line here.
 * Invariant: the key is the first part of the vendor's paths, `http://…/{key}/…`.
 */
import { createCalcomSimulator } from './calcom/simulator';
import { createHubspotSimulator } from './hubspot/simulator';
import { createMailSimulator } from './mail/simulator';
import type { VendorContext } from './vendor';

/** Makes all vendors; each loads its saved state first. */
export async function createVendors(context: VendorContext) {
  const calcom = await createCalcomSimulator(context);
  try {
    return {
      calcom,
      hubspot: await createHubspotSimulator(context),
      mail: await createMailSimulator(context),
    };
  } catch (error) {
    await calcom.close();
    throw error;
  }
}

export type Vendors = Awaited<ReturnType<typeof createVendors>>;
