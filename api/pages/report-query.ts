/**
 * What the report is asked for: a window of local days and sources, as the address carries them.
 * Invariant: a filter that makes no sense is none, and the page says which days it shows.
 */
import { z } from 'zod';
import {
  customWindow,
  LONGEST_WINDOW_DAYS,
  plusDays,
  WINDOW_NAMES,
  windowNamed,
  type LocalDate,
  type ReportWindow,
  type WindowName,
} from '../../domain/report/windows';

export interface ReportQuery extends ReportWindow {
  readonly window: WindowName;
  /** Null: all. */
  readonly source: string | null;
  /** Why other days are shown than those that were asked for; null: they are not. */
  readonly problem: string | null;
}

const asked = z.object({
  window: z.enum(WINDOW_NAMES).catch('this_week'),
  from: z.iso.date().optional().catch(undefined),
  to: z.iso.date().optional().catch(undefined),
  source: z.string().optional().catch(undefined),
});

/** `today` is the local date in the report's zone. */
export function reportQueryOf(
  query: unknown,
  known: { readonly today: LocalDate; readonly sources: readonly string[] },
): ReportQuery {
  const { window, from, to, source: named } = asked.parse(query);
  const source = named !== undefined && known.sources.includes(named) ? named : null;
  if (window !== 'custom') return { ...windowNamed(window, known.today), window, source, problem: null };
  const custom = from === undefined || to === undefined ? null : customWindow(from, to);
  if (custom !== null) return { ...custom, window, source, problem: null };
  const problem = `These days can't be shown: choose a first and a last day in their order, at most ${LONGEST_WINDOW_DAYS} days. This is the current week.`;
  return { ...windowNamed('this_week', known.today), window: 'this_week', source, problem };
}

/** For links: what stands behind the `?`. */
export function reportSearch({ window, fromDate, toDate, source }: ReportQuery): string {
  const days = window === 'custom' ? { from: fromDate, to: plusDays(toDate, -1) } : {};
  return new URLSearchParams({ window, ...days, ...(source !== null && { source }) }).toString();
}
