/**
 * Our writes and people's changes of one appointment, in any order, with answers that are lost and echoes that come late and doubled:
 * where the CRM owns a field, what a person put there is never written over unseen, and nothing of ours is taken for theirs.
 */
import {
  isSameSlot,
  isSameStatus,
  judgeAppointment,
  type AppointmentState,
  type AppointmentWord,
  type FieldOwner,
} from '../../../domain/field-owners';
import type { Crm } from '../../../integrations/ports';
import { createChances, type Chances } from '../../../local/simulators/chances';
import type { Simulators } from '../../../local/simulators/server';
import { appointment, call, guest, type CrmUnderTest, type MakeCrm } from './crm-under-test';
import { useCrm } from './crms';
import { gohighlevelUnderTest } from './gohighlevel-under-test';
import { hubspotUnderTest } from './hubspot-under-test';

const SEED = 20_261_121;
const RUNS = 20;
const STEPS = 20;
const HOUR_MS = 3_600_000;
const BEGIN_MS = Date.UTC(2026, 10, 24, 17);
const WORDS = ['scheduled', 'canceled', 'showed', 'no_show'] as const;
type Word = (typeof WORDS)[number];
/** Most of the time an appointment stands, and much of what is written gets no answer. */
const DECIDED: readonly Word[] = ['scheduled', 'scheduled', 'scheduled', ...WORDS];
const LOST = 0.5;
const ACTS = ['move', 'move', 'move', 'mark', 'rep moves', 'rep marks', 'sync', 'sync', 'sync', 'echo'] as const;

type Move = (simulators: Simulators, id: string, startMs: number) => void;
const inHubspot: Move = ({ hubspot }, meetingId, startMs) =>
  void hubspot.act({ action: 'moveMeeting', meetingId, startMs });
const inHighLevel: Move = ({ gohighlevel }, id, startMs) =>
  void gohighlevel.act({ action: 'moveAppointment', id, startMs });

interface Seen {
  looks: number;
  adopted: number;
  asked: number;
  written: number;
  lost: number;
}

/** A booking, its ledger and its record, driven like `syncCrm` and `readCrm` drive them. */
class Life {
  private status: Word = 'scheduled';
  private startMs = BEGIN_MS;
  private agreed: AppointmentState;
  private attempted: AppointmentState[] = [];
  private held: ('slot' | 'outcome')[] = [];
  /** What a person put there since anybody of us looked. */
  private unseen = new Map<'slot' | 'outcome', unknown>();

  constructor(
    private readonly of: {
      readonly crm: Crm;
      readonly personId: string;
      readonly id: string;
      readonly chances: Chances;
      readonly owner: FieldOwner;
      readonly seen: Seen;
      readonly moveThere: (startMs: number) => void;
      readonly markThere: (status: Word) => void;
    },
  ) {
    this.agreed = this.wanted();
  }

  private pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.of.chances.next() * from.length)]!;
  }

  private wanted(): AppointmentState {
    return { status: this.status, startMs: this.startMs, endMs: this.startMs + HOUR_MS / 2 };
  }

  async step(): Promise<void> {
    const what = this.pick(ACTS);
    if (what === 'move' && this.status === 'scheduled') this.startMs = this.anyStart();
    if (what === 'mark') this.status = this.pick(DECIDED);
    if (what === 'rep moves') this.of.moveThere(this.remember('slot', this.anyStart()));
    if (what === 'rep marks') this.of.markThere(this.remember('outcome', this.pick(DECIDED)));
    if (what === 'sync') await this.sync();
    if (what === 'echo') await this.look();
  }

  private anyStart(): number {
    return BEGIN_MS + Math.floor(this.of.chances.next() * 8) * HOUR_MS;
  }

  private remember<T>(field: 'slot' | 'outcome', value: T): T {
    this.unseen.set(field, value);
    return value;
  }

  /** Looks, and writes unless somebody changed something: as one does who holds the person's lease. */
  async sync(): Promise<void> {
    if (await this.look()) return;
    const { crm, chances, seen, id, personId } = this.of;
    const shown = this.withHeld();
    if (isSameSlot(shown, this.agreed) && isSameStatus(shown, this.agreed)) return;
    // Whatever is there now has been looked at.
    expect([...this.unseen.keys()].filter((field) => !this.held.includes(field))).toEqual([]);
    seen.written += 1;
    this.attempted.push(shown);
    const fate = chances.next();
    const slot = { startMs: shown.startMs!, endMs: shown.endMs!, zone: 'America/New_York' };
    if (fate > 0.1) await crm.updateAppointment(id, appointment(personId, { slot, status: shown.status! }), call);
    if (fate < LOST) {
      seen.lost += 1;
      return;
    }
    [this.agreed, this.attempted] = [shown, []];
  }

  private withHeld(): AppointmentState {
    const { status, startMs, endMs } = this.wanted();
    const time = this.held.includes('slot') ? this.agreed : { startMs, endMs };
    return {
      status: this.held.includes('outcome') ? this.agreed.status : status,
      startMs: time.startMs,
      endMs: time.endMs,
    };
  }

  /** Whether a person had changed something. */
  async look(): Promise<boolean> {
    const { crm, id, owner, seen } = this.of;
    seen.looks += 1;
    const { status, startMs, endMs } = (await crm.readAppointment(id, call))!;
    const shown = { status, startMs, endMs };
    if (isSameSlot(this.agreed, shown) && isSameStatus(this.agreed, shown)) {
      this.unseen.clear();
      return false;
    }
    const { agreed, attempted } = this;
    const owners = { outcome: owner, slot: owner };
    const wanted = this.wanted();
    const judged = judgeAppointment({ agreed, attempted, shown, wanted, bookingStatus: this.status, owners });
    for (const field of ['outcome', 'slot'] as const) {
      const verdict = judged[field];
      // An echo of ours, late or of an answer that was lost, is nobody's change.
      if (verdict !== 'ours') expect([field, verdict, this.unseen.has(field)]).toEqual([field, verdict, true]);
      expect(verdict).not.toBe('write_back');
      this.held = this.held.filter((one) => one !== field);
      if (verdict === 'conflict') this.held.push(field);
    }
    const isTheirs = judged.outcome !== 'ours' || judged.slot !== 'ours';
    if (judged.outcome === 'adopt') this.status = status as Word;
    if (judged.slot === 'adopt') this.startMs = startMs!;
    seen.adopted += Number(judged.outcome === 'adopt') + Number(judged.slot === 'adopt');
    seen.asked += Number(judged.outcome === 'conflict') + Number(judged.slot === 'conflict');
    [this.agreed, this.attempted] = [shown, []];
    this.unseen.clear();
    return isTheirs;
  }

  /** Everything has been looked at and written. */
  async ends(account: CrmUnderTest): Promise<void> {
    for (let n = 0; n < 4; n += 1) await this.sync();
    await this.look();
    this.of.chances.next();
    const [record] = account.appointments();
    expect(record?.startMs).toBe(this.agreed.startMs);
    expect(record?.status).toBe(account.words[this.agreed.status as AppointmentWord]);
  }
}

describe.each<[string, MakeCrm, Move]>([
  ['HubSpot', hubspotUnderTest, inHubspot],
  ['HighLevel', gohighlevelUnderTest, inHighLevel],
])('%s', (_name, make, move) => {
  const used = useCrm(make);

  it.each<FieldOwner>(['crm', 'newest'])(
    "keeps what people put there, and takes nothing of ours for theirs, where a field is the %s's",
    async (owner) => {
      const seen: Seen = { looks: 0, adopted: 0, asked: 0, written: 0, lost: 0 };
      for (let run = 0; run < RUNS; run += 1) {
        const { account, simulators } = used;
        account.reset();
        const crm = account.directAdapter();
        const { id: personId } = await crm.createPerson(guest, call);
        const slot = { startMs: BEGIN_MS, endMs: BEGIN_MS + HOUR_MS / 2, zone: 'America/New_York' };
        const { id } = await crm.createAppointment(appointment(personId, { slot }), call);
        const chances = createChances(SEED + run);
        const moveThere = (startMs: number): void => move(simulators, id, startMs);
        const markThere = (status: Word): void => account.rep.mark(id, status);
        const life = new Life({ crm, personId, id, chances, owner, seen, moveThere, markThere });
        try {
          for (let n = 0; n < STEPS; n += 1) await life.step();
          await life.ends(account);
        } catch (error) {
          throw new Error(`run ${run}: ${String(error)}`, { cause: error });
        }
      }
      // What the runs must have met to say anything.
      for (const count of Object.values(seen)) expect(count).toBeGreaterThan(10);
    },
  );
});
