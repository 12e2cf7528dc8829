/** What the console shows of the configuration. Invariant: no secret is part of it. */
import type { CrmMapping } from '../../domain/settings';

export interface ConsoleSettings {
  /** The account's zone: days begin in it, and times are shown in it. */
  readonly zone: string;
  /** The report's days and weeks are this zone's. */
  readonly reportZone: string;
  /** Every configured connection, in the order of the file. */
  readonly connections: readonly ConsoleConnection[];
  /** By CRM connection. */
  readonly mapping: Readonly<Record<string, CrmMapping>>;
  /** Where the Temporal Web UI is; null: not told. */
  readonly temporalUi: { readonly address: string; readonly namespace: string } | null;
}

export interface ConsoleConnection {
  readonly id: string;
  readonly kind: string;
  readonly role: 'source' | 'crm';
  /** For a source: the CRMs that it feeds. */
  readonly feeds: readonly string[];
}
