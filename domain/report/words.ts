/** The report's numbers in words, for the page and the e-mail. Invariant: counts, connections and our own words only. */
import { assertNever } from '../assert-never';
import type { Range, RateName } from './rates';
import type { ShownRate } from './shown';
import { TRUSTED_COVERAGE, type Doubt } from './trust';

export const RATE_WORDS: Readonly<Record<RateName, { readonly label: string; readonly of: string }>> = {
  no_show: { label: 'No-show rate', of: 'appointments with a known outcome' },
  reschedule: { label: 'Reschedule rate', of: 'bookings moved at least once' },
  early_cancel: { label: 'Early-cancel rate', of: 'bookings called off a day or more ahead' },
  book: { label: 'Book rate', of: 'leads who booked' },
};

/** "12.5 %" */
export function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`;
}

/** "20 %", or "3 of 11" where these are so few that a percentage would say too much. */
export function rateInWords({ share, isFew, hits, cases }: ShownRate): string {
  if (share === null) return '–';
  return isFew ? `${hits} of ${cases}` : percent(share);
}

/** Of what a CRM can confirm of each rate, and what it has no word for. */
const CONFIRMED_WORDS: Readonly<Record<RateName, { readonly of: string; readonly limit: string | null }>> = {
  no_show: { of: 'appointments whose outcome the CRM shows too', limit: null },
  reschedule: {
    of: 'bookings that the CRM shows as they are',
    limit: 'A CRM shows the newest time, not that there was another: that one moved is the booking tool’s word.',
  },
  early_cancel: {
    of: 'bookings that the CRM shows as they are',
    limit: 'A CRM shows that one was called off, not when: how early is the booking tool’s word.',
  },
  book: { of: 'leads, without those whose booking no CRM shows', limit: null },
};

/** "No-show rate, confirmed by the CRM" */
export function labelInWords({ name, isConfirmed }: Pick<ShownRate, 'name' | 'isConfirmed'>): string {
  const { label } = RATE_WORDS[name];
  return isConfirmed ? `${label}, confirmed by the CRM` : label;
}

/** What needs a person's word, and what no CRM has a word for. Empty where the rate rests on all that is known. */
export function limitsInWords({ name, isConfirmed, missing }: ShownRate): readonly string[] {
  if (!isConfirmed) return [];
  const { limit } = CONFIRMED_WORDS[name];
  const waiting = missing === 1 ? '1 more needs manual confirm' : `${missing} more need manual confirm`;
  return [...(missing === 0 ? [] : [waiting]), ...(limit === null ? [] : [limit])];
}

/** "20 of 100 appointments with a known outcome" */
export function casesInWords({ name, hits, cases, isConfirmed }: ShownRate): string {
  if (isConfirmed) {
    const { of } = CONFIRMED_WORDS[name];
    return cases === 0 ? 'No CRM confirms any' : `${hits} of ${cases} ${of}`;
  }
  const { of } = RATE_WORDS[name];
  if (cases === 0) return name === 'book' ? 'No lead entered' : 'No case yet';
  return name === 'no_show' ? `${hits} of ${cases} ${of}` : `${hits} of ${cases}: ${of}`;
}

/** "5 points more than the 15 of 100 before". Null: there is nothing to compare. */
export function deltaInWords({ delta, prior }: Pick<ShownRate, 'delta' | 'prior'>): string | null {
  if (delta === null) return null;
  const before = `the ${prior.hits} of ${prior.cases} before`;
  if (delta === 0) return `The same as ${before}`;
  const points = Math.abs(delta) === 1 ? 'point' : 'points';
  return `${Math.abs(delta)} ${points} ${delta > 0 ? 'more' : 'less'} than ${before}`;
}

export function rangeInWords({ low, high, because }: Range): string {
  const between = `between ${percent(low)} and ${percent(high)}`;
  return because === 'few' ? `${between}, as there are few cases` : `${between}, by how the missing ones went`;
}

/** What is wrong, what was expected, and what to do. */
export function doubtInWords(doubt: Doubt): string {
  switch (doubt.kind) {
    case 'coverage': {
      const [known, needed] = [percent(doubt.coverage), percent(TRUSTED_COVERAGE)];
      return `Only ${known} of what was due has an outcome, and ${needed} are needed: ${doubt.unknown} wait for somebody to say how they went. Decide them under Tasks.`;
    }
    case 'feed_down':
      return `${doubt.connection} does not answer, so what happened there lately is not counted. Look under Connections.`;
    case 'feed_lags': {
      const minutes = Math.round(doubt.lagMs / 60_000);
      return `${doubt.connection} lags: the oldest delivery has waited for ${minutes} min. Look under Deliveries.`;
    }
    default:
      return assertNever(doubt);
  }
}

/** "2 unpaid, 1 test" */
export function excludedInWords(excluded: Readonly<Record<string, number>>): string {
  const parts = Object.entries(excluded).filter(([, count]) => count > 0);
  return parts.map(([reason, count]) => `${count} ${reason}`).join(', ');
}
