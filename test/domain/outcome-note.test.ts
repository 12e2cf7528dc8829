/** What a CRM's note says of a settled booking, and when there is none. */
import { wallClock } from '../../config/zones';
import type { Picture } from '../../domain/booking';
import type { Fact } from '../../domain/facts';
import { fold } from '../../domain/fold';
import { outcomeNoteOf } from '../../domain/outcome-note';
import { aDecision, aFact, DAY, EVIDENCE, slotAt, START, TRUSTED } from '../support/facts';

const booked = aFact('scheduled', { slot: slotAt(START, 'America/Denver') });
const after = { receivedAtMs: START + DAY / 24 };
const pictureOf = (facts: readonly Fact[], policy = EVIDENCE): Picture =>
  fold([booked, ...facts], START + DAY, policy).picture;
const noteOf = (facts: readonly Fact[], policy = EVIDENCE) => outcomeNoteOf(pictureOf(facts, policy), wallClock);
const AT = 'Appointment: Tue, Nov 24, 2026, 10:00 AM MST.';

test.each<[string, readonly Fact[], string]>([
  ['a host marks a no-show', [aFact('no_show', after)], `No-show. ${AT} Marked in the booking tool.`],
  ['a host marks that the guest came', [aFact('showed', after)], `Showed. ${AT} Marked in the booking tool.`],
  ['a person here decides', [aDecision('showed', after)], `Showed. ${AT} Decided by a person in the booking service.`],
  ['a person here cancels', [aDecision('canceled')], `Canceled. ${AT} Decided by a person in the booking service.`],
  ['the source tells of an end', [aFact('canceled')], `Canceled. ${AT} Told by the booking tool.`],
  [
    'the guest cancels',
    [aFact('canceled', { calledOffBy: 'guest' })],
    `Canceled by the guest. ${AT} Told by the booking tool.`,
  ],
  ['the source tells of a refusal', [aFact('rejected')], `Declined. ${AT} Told by the booking tool.`],
])('%s: what, about which slot in the guest’s zone, and by whom', (_what, facts, text) => {
  expect(noteOf(facts)).toMatchObject({ text, atMs: facts.at(-1)?.receivedAtMs });
});

test('no second note is written when it turns out later whose wish it was', () => {
  const [early, late] = [aFact('canceled'), aFact('canceled', { calledOffBy: 'host', sequence: 1, ...after })];
  expect(noteOf([early, late])).toMatchObject({
    text: `Canceled by the host. ${AT} Told by the booking tool.`,
    says: noteOf([early])?.says,
  });
});

test('a head count that is trusted is named as what it is', () => {
  const counted = noteOf([aFact('no_show_suspected', after)], TRUSTED);
  expect(counted?.text).toBe(`No-show. ${AT} Concluded from the head count of the call.`);
});

test('somebody who set the outcome elsewhere than here and at the source did so in a CRM', () => {
  const marked = pictureOf([aFact('showed', after)]);
  const outcome = { ...marked.outcome, by: 'crm' } as unknown as Picture['outcome'];
  expect(outcomeNoteOf({ ...marked, outcome }, wallClock)?.text).toBe(`Showed. ${AT} Set by a person in a CRM.`);
});

test.each<[string, readonly Fact[]]>([
  ['the slot is over and nothing was heard', []],
  ['another time is asked for', [aFact('reschedule_requested')]],
])('there is none while %s', (_what, facts) => {
  expect(noteOf(facts)).toBeNull();
});

test('two notes say the same where decision, actor and slot are the same, and only there', () => {
  const says = (...facts: readonly Fact[]) => noteOf(facts)?.says;
  const marked = aFact('no_show', after);
  expect(says(marked)).toBe(says(aFact('no_show', { receivedAtMs: START + DAY / 2 })));
  const others = [says(aFact('showed', after)), says(marked, aDecision('no_show', after)), says(aFact('canceled'))];
  expect(new Set([says(marked), ...others]).size).toBe(4);
  expect(says(marked)).toMatch(/^[a-z0-9_-]+$/);
});

test('an outcome is named with its slot, once for each', () => {
  const picture = pictureOf([aFact('showed', after)]);
  expect(outcomeNoteOf(picture, wallClock)?.says).toBe(`showed-mark-${START}`);
  expect(outcomeNoteOf({ ...picture, slot: null }, wallClock)).toMatchObject({
    says: 'showed-mark-no-slot',
    text: 'Showed. Marked in the booking tool.',
  });
  expect(outcomeNoteOf({ ...picture, settledAtMs: null }, wallClock)).toBeNull();
  expect(noteOf([])).toBeNull();
});
