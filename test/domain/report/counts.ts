/** Counts for tests of the report: a test names only what it is about. */
import type { ReportCounts } from '../../../domain/report/counts';

export function someCounts(given: Partial<ReportCounts> = {}): ReportCounts {
  return {
    due: 100,
    resolved: 100,
    showed: 80,
    noShows: 20,
    unknown: 0,
    chains: 120,
    rescheduled: 30,
    earlyCancels: 12,
    lateCancels: 8,
    leads: 200,
    invited: 200,
    booked: 120,
    attended: 80,
    withReminder: { showed: 60, noShows: 10 },
    withoutReminder: { showed: 20, noShows: 10 },
    excluded: { unpaid: 0, test: 0, internal: 0 },
    crmConfirmed: { showed: 70, noShows: 18 },
    timeToBookHours: [],
    ...given,
  };
}

export const NO_COUNTS: ReportCounts = someCounts({
  due: 0,
  resolved: 0,
  showed: 0,
  noShows: 0,
  unknown: 0,
  chains: 0,
  rescheduled: 0,
  earlyCancels: 0,
  lateCancels: 0,
  leads: 0,
  invited: 0,
  booked: 0,
  attended: 0,
  withReminder: { showed: 0, noShows: 0 },
  withoutReminder: { showed: 0, noShows: 0 },
  crmConfirmed: { showed: 0, noShows: 0 },
});
