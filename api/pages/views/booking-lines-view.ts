/** Bookings as lines of a table, the same on every page. Invariant: a guest's name is text, whatever it holds. */
import type { BookingLine } from '../../../db/booking-lines';
import { html, type Html } from './html';
import { table, type Column, type Frame } from './layout';
import { clockAt, dayAt, momentAt, zoneAt } from './times';
import { counted, statusChip, stateWord } from './words';

export interface NamedLine extends BookingLine {
  /** Null: erased, or never named. */
  readonly guest: string | null;
}

/** Ids are made of escaped parts, so they are paths as they are. */
export const bookingPath = (id: string): string => `/console/bookings/${id}`;

export const guestName = (name: string | null): Html => name ?? html`<span class="quiet">Name not known</span>`;

/** In the account's zone; where the guest's own clock shows something else, that too. */
export function slotTime(slot: BookingLine['slot'], frame: Frame, { withDay }: { readonly withDay: boolean }): Html {
  if (slot === null) return html`<span class="quiet">No time yet</span>`;
  const start = withDay ? momentAt(slot.startMs, frame.zone) : clockAt(slot.startMs, frame.zone);
  const isOther = clockAt(slot.startMs, slot.zone) !== clockAt(slot.startMs, frame.zone);
  const isOtherDay = dayAt(slot.startMs, slot.zone) !== dayAt(slot.startMs, frame.zone);
  const there = `${clockAt(slot.startMs, slot.zone)} ${zoneAt(slot.startMs, slot.zone)}`;
  return html`<time datetime=${new Date(slot.startMs).toISOString()}>
    ${start}${isOther ? html` <small>${isOtherDay ? `${dayAt(slot.startMs, slot.zone)}, ${there}` : there}</small>` : null}
  </time>`;
}

export function bookingTable(
  frame: Frame,
  lines: readonly NamedLine[],
  shown: { readonly caption: string; readonly withDay: boolean },
): Html {
  const columns: Column<NamedLine>[] = [
    { label: 'When', class: 'when', cell: ({ slot }) => slotTime(slot, frame, shown) },
    {
      label: 'Guest',
      cell: ({ id, guest }) => html`<a id=${`line-${id}`} href=${bookingPath(id)}>${guestName(guest)}</a>`,
    },
    { label: 'Status', cell: ({ status }) => statusChip(status) },
    { label: 'CRM', cell: ({ crm }) => crmWords(crm) },
    {
      label: 'Tasks',
      cell: ({ openTasks }) =>
        openTasks === 0 ? html`<span class="quiet">none</span>` : counted(openTasks, 'open task'),
    },
    { label: 'Source', class: 'ids', cell: ({ connection }) => connection },
  ];
  return table(shown.caption, columns, lines);
}

function crmWords(crm: BookingLine['crm']): Html {
  if (crm.length === 0) return html`<span class="quiet">not written yet</span>`;
  return crm.map(({ connection, state }) => {
    const { label, tone } = stateWord(state);
    return html`<span class=${`chip ${tone}`} title=${connection}>${label}</span> `;
  });
}
