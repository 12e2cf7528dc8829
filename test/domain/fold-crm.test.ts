/** What people do to a booking's records in a CRM: what holds for the booking, what is written back, and what is asked. */
import type { CrmField, Decision, Fact, ReportedOutcome, Slot } from '../../domain/facts';
import { fold } from '../../domain/fold';
import { aDecision, aFact, DAY, EVIDENCE, HOUR, slotAt, START, TRUSTED } from '../support/facts';

const CRM = 'hubspot-main';
const slot = slotAt(START);
const agreed = slotAt(START + 7 * DAY);
/** Hours after the slot's start, 2026-11-24 17:00Z. */
const at = (hours: number) => ({ receivedAtMs: START + hours * HOUR });
const booked = () => aFact('scheduled', { slot, sequence: 0, personId: 'guest', ...at(-90) });
const foldOf = (facts: readonly Fact[], policy = EVIDENCE) => fold(facts, START + DAY, policy);
const pictureOf = (facts: readonly Fact[], policy = EVIDENCE) => foldOf(facts, policy).picture;
const verdictOn = (fact: Fact, others: readonly Fact[], policy = EVIDENCE) =>
  foldOf([...others, fact], policy).verdicts.find(({ factId }) => factId === fact.id)!;

type Given = Partial<Omit<Fact, 'type' | 'decision'>>;
function reported(outcome: ReportedOutcome, given: Given & { to?: Slot } = {}): Fact {
  const { to, ...more } = given;
  const decision: Decision = { kind: 'reported', connection: CRM, outcome, ...(to && { slot: to }) };
  return aFact('crm_reported', { by: 'crm', decision, ...at(2), ...more });
}
const ofRecord = (type: 'crm_overruled' | 'crm_deleted', field: CrmField): Fact =>
  aFact(type, { by: 'crm', decision: { kind: 'crm_record', connection: CRM, field }, ...at(2) });
const conflict = (about: string, keep: 'booking' | 'crm'): Fact =>
  aFact('conflict_decided', { decision: { kind: 'conflict', about, keep }, ...at(3) });

describe('an outcome that is said in the CRM', () => {
  test.each([
    ['showed', 'marked as showed in hubspot-main'],
    ['no_show', 'marked as no-show in hubspot-main'],
    ['canceled', 'canceled in hubspot-main'],
  ] as const)('%s: holds, and names the place', (outcome, why) => {
    const said = reported(outcome);
    expect(verdictOn(said, [booked()])).toEqual({ factId: said.id, outcome: 'applied', why });
    expect(pictureOf([booked(), said])).toMatchObject({
      status: outcome,
      outcome: { value: outcome, by: 'crm', sureness: 'decided', factId: said.id, atMs: said.receivedAtMs },
    });
  });
  test('replaces what was known before, and says what that was', () => {
    const [mark, said] = [aFact('no_show', at(1)), reported('showed')];
    expect(verdictOn(said, [booked(), mark]).why).toBe(
      "marked as showed in hubspot-main, replacing no-show (the source's mark, 2026-11-24 18:00Z)",
    );
    expect(verdictOn(reported('no_show', at(3)), [booked(), said]).why).toBe(
      'marked as no-show in hubspot-main, replacing showed (said in the CRM, 2026-11-24 19:00Z)',
    );
    expect(verdictOn(reported('no_show', at(3)), [booked(), aDecision('showed', at(2))]).why).toBe(
      'marked as no-show in hubspot-main, replacing showed (decided here, 2026-11-24 19:00Z)',
    );
  });
  test('that was decided already is a duplicate, which says by whom', () => {
    const again = reported('showed', at(4));
    expect(verdictOn(again, [booked(), reported('showed')])).toMatchObject({
      outcome: 'duplicate',
      why: 'a person had already said so in the CRM: showed, 2026-11-24 19:00Z',
    });
    expect(verdictOn(again, [booked(), aDecision('showed', at(2))]).why).toBe(
      'a person here had already decided: showed, 2026-11-24 19:00Z',
    );
  });
  test('by a person here on behalf of the CRM is told as such', () => {
    const here = reported('showed', { by: 'operator' });
    expect(verdictOn(here, [booked()]).why).toBe('a person decided: showed, as in hubspot-main');
    expect(pictureOf([booked(), here]).outcome?.by).toBe('operator');
    expect(verdictOn(aDecision('showed', at(2)), [booked()]).why).toBe('a person decided: showed');
  });
});

describe('an outcome that is taken back in the CRM', () => {
  test('leaves nothing of decisions, marks and counts', () => {
    const count = aFact('no_show_suspected', at(0.5));
    const [mark, open] = [aFact('no_show', at(1)), reported('open', at(3))];
    expect(verdictOn(open, [booked(), count, mark], TRUSTED)).toMatchObject({
      outcome: 'applied',
      why: "the outcome was taken back in hubspot-main: no-show (the source's mark, 2026-11-24 18:00Z)",
    });
    expect(pictureOf([booked(), count, mark, open], TRUSTED)).toMatchObject({
      status: 'awaiting_outcome',
      outcome: null,
      noShowSuspectedAtMs: null,
    });
    // A mark that follows is the first again.
    const [off, on] = [aFact('no_show_reverted', at(4)), aFact('no_show', at(5))];
    expect(verdictOn(off, [booked(), mark, open]).why).toBe('there was no no-show mark to take back');
    expect(pictureOf([booked(), mark, open, on]).status).toBe('no_show');
  });
  test('is a duplicate where there was none', () => {
    const verdict = verdictOn(reported('open'), [booked()]);
    expect([verdict.outcome, verdict.why]).toEqual(['duplicate', 'there was no outcome to take back']);
  });
  test('counts the same when a person here says it, without a place', () => {
    const open = aFact('outcome_decided', {
      decision: { kind: 'reported', connection: CRM, outcome: 'open' },
      ...at(3),
    });
    expect(pictureOf([booked(), reported('showed'), open]).outcome).toBeNull();
  });
});

describe('an appointment that is moved in the CRM', () => {
  test('waits for the source to follow, and stays where it is in that CRM', () => {
    const moved = reported('rescheduled', { to: agreed });
    expect(verdictOn(moved, [booked()]).why).toBe('moved in hubspot-main: moving to the agreed time');
    expect(pictureOf([booked(), moved])).toMatchObject({
      status: 'reschedule_requested',
      statusReason: 'moving to the agreed time',
      agreedSlot: agreed,
      agreedIn: CRM,
      holdSinceMs: moved.receivedAtMs,
    });
  });
  test('to no certain time waits for the guest', () => {
    const moved = reported('rescheduled');
    expect(verdictOn(moved, [booked()]).why).toBe('changed in hubspot-main: a new time is agreed on, waiting for it');
    const picture = pictureOf([booked(), moved]);
    expect(picture).toMatchObject({ status: 'reschedule_requested', agreedSlot: null });
    expect(picture).not.toHaveProperty('agreedIn');
  });
  test('is there as soon as the source shows the time', () => {
    const moved = reported('rescheduled', { to: agreed });
    const follows = aFact('rescheduled', { slot: agreed, sequence: 1, ...at(3) });
    const facts = [booked(), follows];
    expect(verdictOn(moved, facts).why).toBe('moved in hubspot-main: a new time is agreed on; the source shows it');
    expect(pictureOf([...facts, moved])).toMatchObject({ status: 'scheduled', slot: agreed, agreedSlot: null });
  });
  test.each([
    ['canceled', 'canceled'],
    ['rejected', 'rejected'],
  ] as const)('that was %s is not revived, while a person here may', (ending, word) => {
    const ended = aFact(ending, { slot, ...at(-2) });
    const moved = reported('rescheduled', { to: agreed });
    const verdict = verdictOn(moved, [booked(), ended]);
    expect(verdict.outcome).toBe('superseded');
    expect(verdict.why).toMatch(new RegExp(`^moved in hubspot-main, but the appointment was called off \\(.*${word}`));
    expect(pictureOf([booked(), ended, moved]).status).toBe(ending);
    const here = aDecision('rescheduled', { slot: agreed, ...at(2) });
    expect(pictureOf([booked(), ended, here]).status).toBe('reschedule_requested');
  });
  test('by a person here for a CRM names it', () => {
    const moved = reported('rescheduled', { to: agreed, by: 'operator' });
    expect(verdictOn(moved, [booked()]).why).toBe('a person decided, as in hubspot-main: moving to the agreed time');
    const here = aDecision('rescheduled', { slot: agreed, ...at(2) });
    expect(verdictOn(here, [booked()]).why).toBe('a person decided: moving to the agreed time');
    expect(pictureOf([booked(), here])).not.toHaveProperty('agreedIn');
  });
});

describe('a change in the CRM that does not hold', () => {
  test.each([
    ['slot', 'moved in hubspot-main; the booking owns its time, so it is written back'],
    ['stage', 'deal moved in hubspot-main; the booking owns the stage, so it is written back'],
    ['outcome', 'changed in hubspot-main; the booking owns the outcome, so it is written back'],
  ] as const)('of the %s is superseded, and the CRM is brought back', (field, why) => {
    const overruled = ofRecord('crm_overruled', field);
    expect(verdictOn(overruled, [booked()])).toMatchObject({ outcome: 'superseded', why });
    expect(pictureOf([booked(), overruled]).crmDecisions).toEqual({
      [CRM]: { action: 'retry', factId: overruled.id },
    });
  });
  test('a record that was deleted is asked about, and looked at again', () => {
    const deleted = ofRecord('crm_deleted', 'record');
    expect(verdictOn(deleted, [booked()])).toMatchObject({
      outcome: 'applied',
      why: 'deleted in hubspot-main: a person is asked whether it is made again',
    });
    expect(pictureOf([booked(), deleted]).crmDecisions[CRM]?.factId).toBe(deleted.id);
  });
});

describe('a conflict that a person decided', () => {
  test.each([
    ['booking', 'a person decided about a conflict: what the booking says stays'],
    ['crm', 'a person decided about a conflict: what the CRM says stays'],
  ] as const)('for the %s says so, and has the CRM looked at again', (keep, why) => {
    const decided = conflict(`${CRM}:slot`, keep);
    expect(verdictOn(decided, [booked()])).toMatchObject({ outcome: 'applied', why });
    expect(pictureOf([booked(), decided]).crmDecisions).toEqual({ [CRM]: { action: 'retry', factId: decided.id } });
  });
  test('leaves what was to stay in the CRM as it is', () => {
    const skip = aFact('crm_decided', { decision: { kind: 'crm', connection: CRM, action: 'skip' }, ...at(1) });
    const decided = conflict(`${CRM}:stage`, 'crm');
    expect(pictureOf([booked(), skip, decided]).crmDecisions).toEqual({
      [CRM]: { action: 'skip', factId: decided.id },
    });
  });
  test('about anything but one field of a CRM has nothing written', () => {
    expect(pictureOf([booked(), conflict('undo/1', 'booking')]).crmDecisions).toEqual({});
  });
});
