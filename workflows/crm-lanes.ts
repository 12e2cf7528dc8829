/**
 * One lane per CRM: writes the newest version there, again and again until nothing newer is recorded.
 * Invariant: at most one sync per CRM at a time, and no lane ever waits for another, for a message or for the inbox.
 */
import { CancellationScope, isCancellation, patched, sleep } from '@temporalio/workflow';
import type { SyncCrmResult } from '../activities/sync-crm';
import type { Recorded, OpenTask } from '../activities/record';
import { storage, SYNC_ATTEMPTS, syncCrmOn } from './activity-options';

/** What is recorded while a write is under way waits so long and goes in one write: a burst must not become a write for each of its events. */
const PAUSE_BETWEEN_WRITES_MS = 2_000;

interface Lane {
  readonly connection: string;
  running: boolean;
  parked: boolean;
  /** The newest version that this CRM needs no more work for. */
  handledVersion: number;
  /** What the CrmState attribute says: `synced`, `parked`, … */
  word: string;
}

export class CrmLanes {
  private readonly lanes = new Map<string, Lane>();
  private readonly scope = new CancellationScope();
  private readonly running = new Set<Promise<void>>();
  /** Connections that came back before their lane was known, here or in the run before. */
  private readonly back: Set<string>;
  private newestVersion = 0;
  contactMatch: string | null = null;

  constructor(
    private readonly from: { readonly bookingId: string; readonly back: readonly string[] },
    private readonly on: {
      taskOpened: (task: OpenTask) => void;
      /** Nothing about this CRM is asked any more; the rows are withdrawn already. */
      nothingAsked: (connection: string) => void;
      settled: () => void;
    },
  ) {
    this.back = new Set(from.back);
  }

  /** Takes over what was recorded and starts the lanes that have something new to write. */
  update(recorded: Recorded): void {
    this.newestVersion = recorded.version;
    this.contactMatch ??= recorded.contactMatch;
    for (const crm of recorded.crms) {
      const lane = this.lanes.get(crm.connection) ?? this.addLane(crm);
      const upToDate = crm.state === 'synced' || crm.state === 'skipped';
      if (upToDate) lane.handledVersion = Math.max(lane.handledVersion, crm.writtenVersion);
    }
    for (const lane of this.lanes.values()) this.startIfDirty(lane);
  }

  private addLane(crm: Recorded['crms'][number]): Lane {
    const { connection, state } = crm;
    const parked = state === 'parked' && !this.back.delete(connection);
    const lane: Lane = { connection, running: false, parked, handledVersion: 0, word: state };
    this.lanes.set(connection, lane);
    return lane;
  }

  /** The connection answers again. */
  wake(connection: string): void {
    const lane = this.lanes.get(connection);
    if (!lane) {
      this.back.add(connection);
      return;
    }
    lane.parked = false;
    this.startIfDirty(lane);
  }

  get busy(): boolean {
    return this.running.size > 0;
  }

  /** Something is left to write, now or once the connection is back. */
  get unfinished(): boolean {
    return [...this.lanes.values()].some((lane) => lane.running || lane.parked);
  }

  /** `hubspot-main:synced` for each CRM, in a stable order. */
  words(): string[] {
    return [...this.lanes.values()].map((lane) => `${lane.connection}:${lane.word}`).sort();
  }

  /** What the next run has to know: the database calls a lane parked until it is written, also when its CRM has come back. */
  notParked(): string[] {
    const lanes = [...this.lanes.values()].filter((lane) => !lane.parked).map((lane) => lane.connection);
    return [...new Set([...lanes, ...this.back])].sort();
  }

  /** Cancels what runs and waits until no attempt is left: two runs must never write at once. */
  async stop(): Promise<void> {
    this.scope.cancel();
    await CancellationScope.nonCancellable(() => Promise.all(this.running));
  }

  private startIfDirty(lane: Lane): void {
    if (lane.running || lane.parked || lane.handledVersion >= this.newestVersion) return;
    lane.running = true;
    const done = this.scope
      .run(() => this.run(lane))
      .catch((error: unknown) => {
        // A canceled attempt may end as timed out, when its worker was killed. The next run finds in the database what is left.
        if (!this.scope.consideredCancelled) throw error;
      })
      .finally(() => {
        lane.running = false;
        this.running.delete(done);
        this.on.settled();
      });
    this.running.add(done);
  }

  private async run(lane: Lane): Promise<void> {
    const { connection } = lane;
    for (let written = false; !lane.parked && lane.handledVersion < this.newestVersion; written = true) {
      if (written && patched('pause-between-crm-writes')) {
        await sleep(PAUSE_BETWEEN_WRITES_MS, {
          summary: `Gather what else happens before ${connection} is written again`,
        });
      }
      const version = this.newestVersion;
      try {
        const result = await syncCrmOn(connection).executeWithOptions(
          { summary: `Write version ${version} to ${connection}` },
          [{ bookingId: this.from.bookingId, connection, maximumAttempts: SYNC_ATTEMPTS }],
        );
        this.take(lane, result, version);
      } catch (error) {
        if (isCancellation(error) || this.scope.consideredCancelled) return;
        // The last attempt could not even park: its worker was killed. The connection's probe brings the booking back.
        lane.parked = true;
        lane.word = 'parked';
        await storage.parkBooking({ bookingId: this.from.bookingId, connection });
      }
    }
  }

  private take(lane: Lane, result: SyncCrmResult, version: number): void {
    lane.word = result.kind;
    if (result.kind === 'parked') {
      lane.parked = true;
      return;
    }
    lane.handledVersion = Math.max(version, result.version);
    this.contactMatch = result.contactMatch;
    if (result.kind === 'needs_contact' || result.kind === 'refused') this.on.taskOpened(result.task);
    else this.on.nothingAsked(lane.connection);
  }
}
