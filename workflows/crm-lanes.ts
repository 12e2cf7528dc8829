/**
 * One lane per CRM: writes the newest version there, again and again until nothing newer is recorded, and reads what people changed.
 * Invariant: at most one sync per CRM at a time, and no lane ever waits for another, for a message or for the inbox.
 */
import { CancellationScope, isCancellation, patched, sleep } from '@temporalio/workflow';
import type { SyncCrmResult } from '../activities/sync-crm';
import type { OpenTask } from '../activities/open-task';
import type { Recorded } from '../activities/record';
import { READ_ATTEMPTS, readCrmOn, storage, SYNC_ATTEMPTS, syncCrmOn } from './activity-options';

/** What is recorded while a write is under way waits so long and goes in one write: a burst must not become a write for each of its events. */
const PAUSE_BETWEEN_WRITES_MS = 2_000;

interface Lane {
  readonly connection: string;
  running: boolean;
  parked: boolean;
  /** The connection came back while a call was under way: what that one parks is called again, as nobody wakes it a second time. */
  backMeanwhile: boolean;
  /** A record changed there and was not read yet. */
  changed: boolean;
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
  /** Connections whose records changed before their lane was known. */
  private readonly toRead: Set<string>;
  private newestVersion = 0;
  contactMatch: string | null = null;

  constructor(
    private readonly from: {
      readonly bookingId: string;
      readonly back: readonly string[];
      readonly changed: readonly string[];
    },
    private readonly on: {
      taskOpened: (task: OpenTask) => void;
      /** Nothing about this CRM is asked any more; the rows are withdrawn already. */
      nothingAsked: (connection: string) => void;
      /** Facts or tasks were stored: the booking has to be recorded before this CRM is written. */
      reported: () => void;
      settled: () => void;
    },
  ) {
    this.back = new Set(from.back);
    this.toRead = new Set(from.changed);
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
    const changed = this.toRead.delete(connection);
    const lane: Lane = {
      connection,
      running: false,
      parked,
      backMeanwhile: false,
      changed,
      handledVersion: 0,
      word: state,
    };
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
    lane.backMeanwhile = lane.running;
    this.startIfDirty(lane);
  }

  /** A record of the booking changed there: it is read before anything is written. */
  changed(connection: string): void {
    const lane = this.lanes.get(connection);
    if (!lane) {
      this.toRead.add(connection);
      return;
    }
    lane.changed = true;
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
  carried(): { readonly back: readonly string[]; readonly changed?: readonly string[] } {
    const namesOf = (wanted: (lane: Lane) => boolean, also: ReadonlySet<string>): string[] => {
      const lanes = [...this.lanes.values()].filter(wanted).map((lane) => lane.connection);
      return [...new Set([...lanes, ...also])].sort();
    };
    const changed = namesOf((lane) => lane.changed, this.toRead);
    return { back: namesOf((lane) => !lane.parked, this.back), ...(changed.length > 0 && { changed }) };
  }

  /** Cancels what runs and waits until no attempt is left: two runs must never write at once. */
  async stop(): Promise<void> {
    this.scope.cancel();
    await CancellationScope.nonCancellable(() => Promise.all(this.running));
  }

  private isDirty(lane: Lane): boolean {
    return lane.changed || lane.handledVersion < this.newestVersion;
  }

  private startIfDirty(lane: Lane): void {
    if (lane.running || lane.parked || !this.isDirty(lane)) return;
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
    for (let written = false; !lane.parked && this.isDirty(lane);) {
      const isRead = lane.changed;
      if (written && !isRead && patched('pause-between-crm-writes')) {
        await sleep(PAUSE_BETWEEN_WRITES_MS, {
          summary: `Gather what else happens before ${lane.connection} is written again`,
        });
      }
      try {
        if ((await (isRead ? this.read(lane) : this.write(lane))) === 'reported') return this.on.reported();
      } catch (error) {
        if (isRead) lane.changed = true;
        if (isCancellation(error) || this.scope.consideredCancelled) return;
        // The last attempt could not even park: its worker was killed. The connection's probe brings the booking back.
        lane.parked = true;
        lane.word = 'parked';
        await storage.parkBooking({ bookingId: this.from.bookingId, connection: lane.connection });
      }
      written ||= !isRead;
    }
  }

  private async write(lane: Lane): Promise<'reported' | 'taken'> {
    const { connection } = lane;
    const version = this.newestVersion;
    lane.backMeanwhile = false;
    const result = await syncCrmOn(connection).executeWithOptions(
      { summary: `Write version ${version} to ${connection}` },
      [{ bookingId: this.from.bookingId, connection, maximumAttempts: SYNC_ATTEMPTS }],
    );
    if (result.kind === 'changed') return 'reported';
    this.take(lane, result, version);
    return 'taken';
  }

  private async read(lane: Lane): Promise<'reported' | 'taken'> {
    const { connection } = lane;
    lane.changed = false;
    lane.backMeanwhile = false;
    const result = await readCrmOn(connection).executeWithOptions({ summary: `Read what changed in ${connection}` }, [
      { bookingId: this.from.bookingId, connection, maximumAttempts: READ_ATTEMPTS },
    ]);
    if (result.kind === 'changed') return 'reported';
    if (result.kind === 'refused') this.on.taskOpened(result.task);
    if (result.kind === 'parked') {
      lane.changed = true;
      this.park(lane);
    }
    return 'taken';
  }

  private take(lane: Lane, result: Exclude<SyncCrmResult, { kind: 'changed' }>, version: number): void {
    if (result.kind === 'parked') return this.park(lane);
    lane.word = result.kind;
    lane.handledVersion = Math.max(version, result.version);
    this.contactMatch = result.contactMatch;
    if (result.kind === 'needs_contact' || result.kind === 'refused') this.on.taskOpened(result.task);
    else {
      this.on.nothingAsked(lane.connection);
      if (result.kind === 'synced' && result.task) this.on.taskOpened(result.task);
    }
  }

  /** The row says `parked` before this hears of it: the connection may have probed, and woken this booking, in between. */
  private park(lane: Lane): void {
    lane.word = 'parked';
    lane.parked = !(lane.backMeanwhile && patched('back-while-parking'));
  }
}
