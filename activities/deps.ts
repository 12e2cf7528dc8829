/**
 * What activities need from outside, given by `worker/` (or a test). Plain interfaces: no activity reads the environment.
 */
import type { Pool } from 'pg';
import type { Vault } from '../db/vault';
import type { BookFromCrm } from '../domain/crm-appointment';
import type {
  CrmMapping,
  LeadCapture,
  MatchPolicy,
  MessagePolicy,
  OutcomeSettings,
  TaskSettings,
} from '../domain/settings';
import type { ConnectionRole, ParkReason, PersonReason, WakeReason } from '../domain/connections';
import type { ReportSettings } from '../domain/report-exclusion';
import type { LocalClock, WallClock, WallTimes } from '../domain/wall-clock';
import type { BookingSource, Crm, Messenger, Notifier, SourceApi } from '../integrations/ports';

/** `trustHeadCount` as in `FoldPolicy`. */
export interface SyncSettings extends MatchPolicy {
  readonly source: string;
  readonly crms: readonly string[];
  readonly trustHeadCount: boolean;
  readonly leads?: LeadCapture | null;
}

export interface ConnectionSettings {
  readonly kind: string;
  /** Where a source has to send its webhooks, as far as that is configured. */
  readonly webhookUrl?: string | null;
  /** Our share of a CRM account's limit. */
  readonly requestsPerSecond?: number;
  /** The account's zone, where its days are counted in it. */
  readonly timeZone?: string | null;
  /** Appointments that a person makes in this CRM are booked at a source; absent or null: they are not. */
  readonly bookFromCrm?: BookFromCrm | null;
}

export interface ActivitySettings {
  readonly connections: Readonly<Record<string, ConnectionSettings>>;
  /** Who is told when a connection is down until a person mends it; absent or null: nobody, the log and the metrics have it. */
  readonly alerts?: { readonly email: string | null };
  /** Zone of the business; absent: UTC. */
  readonly account?: { readonly zone: string };
  /** Where browsers reach this service; absent or null: messages hold no links. */
  readonly publicUrl?: string | null;
  readonly sync: readonly SyncSettings[];
  readonly mapping: Readonly<Record<string, CrmMapping>>;
  readonly messages: MessagePolicy;
  readonly outcome: OutcomeSettings;
  readonly tasks: TaskSettings;
  readonly report: ReportSettings;
}

/** Ways to reach workflows. All of them may be repeated: a second call is one more wake-up, nothing else. */
export interface WorkflowSignals {
  /** Tells a booking that facts were recorded; starts its workflow when none runs. */
  factsRecorded(to: { bookingId: string; factType: 'decided'; factIds: readonly string[] }): Promise<void>;
  /** Asks a booking to look again. */
  wake(to: { bookingId: string; reason: WakeReason; connection?: string }): Promise<void>;
  /** Tells a connection that a booking was parked; starts its workflow when none runs. */
  parked(to: { connection: string; reason: ParkReason }): Promise<void>;
  /** Tells a source connection that its credentials are refused; starts its workflow when none runs. */
  sourceDown(to: { connection: string; reason: PersonReason }): Promise<void>;
  /** Has an appointment that a person made in a CRM looked at; starts its workflow when none runs. */
  crmAppointment(of: { connection: string; crmId: string }): Promise<void>;
  /** Carries on with one record of an undo, as a person decided. */
  undo(of: { undoId: string; ordinal: number }): Promise<void>;
  /** Asks a connection to probe at once; starts its workflow when none runs. */
  probeNow(to: { connection: string; role: ConnectionRole }): Promise<void>;
}

/** Ids and words only; personal data never goes to a log. */
export interface Log {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

export interface ActivityDeps {
  readonly pool: Pool;
  readonly vault: Vault;
  readonly settings: ActivitySettings;
  /** The CRM behind a connection id. */
  readonly crm: (connection: string) => Crm;
  /** How a source connection's deliveries are read. Throws when the connection is no source. */
  readonly source: (connection: string) => BookingSource;
  /** The API of a source connection; null where its settings give no credentials. */
  readonly sourceApi: (connection: string) => SourceApi | null;
  readonly wallClock: WallClock & LocalClock & WallTimes;
  readonly messenger: Messenger;
  /** Tells the team; absent or null where no Slack webhook is configured. */
  readonly notifier?: Notifier | null;
  readonly signals: WorkflowSignals;
  readonly log: Log;
  /** Called at named points between two steps; does nothing outside crash tests. */
  readonly failPoint: (name: string) => Promise<void> | void;
}

/** What the source's new leads get; null: nothing. */
export function leadsOf({ sync }: ActivitySettings, source: string): LeadCapture | null {
  return sync.find((entry) => entry.source === source)?.leads ?? null;
}

/** The CRMs that a source feeds, with how its guests are looked for. */
export function crmsOf(settings: ActivitySettings, source: string): ({ readonly connection: string } & MatchPolicy)[] {
  return settings.sync
    .filter((sync) => sync.source === source)
    .flatMap(({ crms, createPerson, matchOn, company }) =>
      crms.map((connection) => ({ connection, createPerson, matchOn, company })),
    );
}
