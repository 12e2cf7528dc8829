/**
 * What an undo would do to a record that goes back field by field: the ledger's values beside those that the CRM holds now.
 * Invariant: values are opened for this answer only; nothing is written, and a CRM that does not answer costs its column, not the page.
 */
import { readWrites } from '../../db/undo-fields';
import type { FieldsPlan, UndoItem } from '../../domain/undo';
import {
  appointmentHeld,
  appointmentValues,
  changesOf,
  judgeCancel,
  isTag,
  judgeFields,
  leadHeld,
  personHeld,
  slotIn,
  type FieldsJudged,
  type FieldValues,
} from '../../domain/undo-fields';
import type { Crm } from '../../integrations/ports';
import type { ConsoleDeps } from './console';
import { momentAt } from './views/times';
import { IF_OURS, STANDS_ALREADY, STILL_OURS, type UndoChange, type UndoLine } from './views/undo-view';
import { fieldLabel, plain } from './views/words';

type Shown = Pick<UndoLine, 'changes' | 'end' | 'what'>;
type FieldsItem = UndoItem & { readonly plan: FieldsPlan };
/** Asks the CRM, with a bound; 'away': there was no answer. */
export type Ask = <T>(
  call: (crm: Crm, call: { operationKey: string; signal: AbortSignal }) => Promise<T>,
) => Promise<T | 'away'>;

export async function fieldsShown(deps: ConsoleDeps, item: FieldsItem, ask: Ask): Promise<Shown> {
  const { plan } = item;
  const vault = deps.vault();
  const writes = vault === null ? [] : await readWrites(deps.db, vault, item);
  const changes = changesOf(writes.map(({ write }) => write));
  const isMade = plan.how === 'cancel';
  const written = isMade ? appointmentValues(writes.at(-1)?.writtenAfter ?? null) : {};
  const fields = isMade ? Object.keys(written) : changes.map(({ field }) => field);
  const now = fields.length === 0 ? 'away' : await readNow(item, fields, ask);
  const words = (field: string, value: string | null | undefined) => valueWords(field, value, deps.console.zone);
  const there = now === 'away' ? null : now;
  const shown = (field: string, ours: string | null, before: UndoChange['before']): UndoChange => ({
    field: fieldWords(field),
    ours: words(field, ours),
    before,
    now: there === null ? (now === null ? 'gone' : null) : words(field, there[field]),
  });
  return {
    changes: isMade
      ? fields.map((field) => shown(field, written[field] ?? null, 'none'))
      : changes.length > 0
        ? changes.map(({ field, expect, restore }) => shown(field, expect, words(field, restore)))
        : plan.fields.map((field) => ({ field: fieldWords(field), ours: null, now: null, before: null })),
    ...endOf(plan, now, (held) =>
      isMade ? judgeCancel(written, held, { decided: false }) : judgeFields(changes, held, { decided: false }),
    ),
  };
}

function endOf(
  plan: FieldsPlan,
  now: FieldValues | null | 'away',
  judge: (now: FieldValues) => FieldsJudged,
): Pick<Shown, 'end' | 'what'> {
  const does = plan.how === 'restore' ? '' : `${plan.words}. `;
  if (now === null) return { end: 'stays', what: 'the record is gone' };
  if (now === 'away') return { end: 'back', what: plan.how === 'amend' ? plan.words : `${does}${IF_OURS}` };
  const { back, held } = judge(now);
  if (held.length === 0) return { end: 'back', what: back.length === 0 ? STANDS_ALREADY : `${does}${STILL_OURS}` };
  const names = held.map(({ field }) => fieldWords(field)).join(', ');
  const rest = back.length === 0 ? '' : ' The rest goes back.';
  return { end: 'asked', what: `a person changed this since: ${names}. It stays, and a task asks.${rest}` };
}

/** Null: the record is gone. */
function readNow(
  { type, crmId }: FieldsItem,
  fields: readonly string[],
  ask: Ask,
): Promise<FieldValues | null | 'away'> {
  return ask(async (crm, call): Promise<FieldValues | null | 'away'> => {
    switch (type) {
      case 'appointment':
        return appointmentHeld(await crm.readAppointment(crmId, call));
      case 'person': {
        const match = await crm.resolvePerson({ linkedId: crmId, emails: [], phones: [] }, call);
        return personHeld(crmId, match.kind === 'one' ? match.person : null);
      }
      case 'lead': {
        const named = fields.filter((field) => !isTag(field));
        return leadHeld(await crm.readPersonWords(crmId, named, call), fields);
      }
      default:
        return 'away';
    }
  });
}

const fieldWords = (field: string): string => (isTag(field) ? plain(field) : fieldLabel(field));

/** As people read it: times in the account's zone, a tag as given or not. */
function valueWords(field: string, value: string | null | undefined, zone: string): string {
  if (isTag(field)) return value == null ? 'not given' : 'given';
  if (value == null || value === '') return 'empty';
  if (field === 'time') return momentAt(slotIn(value).startMs, zone);
  return field === 'outcome' ? plain(value) : value;
}
