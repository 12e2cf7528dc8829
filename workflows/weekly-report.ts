/** What a schedule starts on Monday mornings: one activity. Invariant: a second run in the same week sends nothing. */
import { setCurrentDetails } from '@temporalio/workflow';
import type { Activities } from '../activities';
import * as activity from './activity-options';

type Sent = Awaited<ReturnType<Activities['sendWeeklyReport']>>;

export async function weeklyReport(): Promise<Sent> {
  const result = await activity.sendWeeklyReport.executeWithOptions({ summary: 'Send the report of last week' }, []);
  const failed = result.failed === 0 ? '' : `, ${result.failed} could not be`;
  setCurrentDetails(`**week of ${result.week}**: ${result.sent} sent${failed}`);
  return result;
}
