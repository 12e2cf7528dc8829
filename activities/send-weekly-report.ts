/**
 * sendWeeklyReport: the report of the week that ended last Sunday, by e-mail to each who subscribed.
 * Invariant: at most one e-mail per subscriber and week, however often it is started; no address leaves the settings but to the mail server.
 */
import { planAlert } from '../db/alerts';
import { readShownReport } from '../db/report-shown';
import { weeklyLetter } from '../domain/report/letter';
import { plusDays, windowNamed, type ReportWindow } from '../domain/report/windows';
import { localDate } from '../domain/wall-clock';
import type { ActivityDeps } from './deps';
import { engineNow } from './engine-clock';
import { sendOnce } from './send-once';

export interface WeeklyReportSent {
  /** The Monday of the week. */
  readonly week: string;
  readonly sent: number;
  /** Refused, or nobody knows whether the mail server took it over: nothing is repeated. */
  readonly failed: number;
}

export function createSendWeeklyReport(deps: ActivityDeps) {
  return async function sendWeeklyReport(): Promise<WeeklyReportSent> {
    const { subscribers = [], zone } = deps.settings.report;
    const nowMs = engineNow();
    const window = windowNamed('last_week', localDate(deps.wallClock, nowMs, zone));
    const selection = { ...window, sources: null };
    const connections = Object.keys(deps.settings.connections);
    const shown = await readShownReport(deps.pool, { selection, connections, nowMs });
    const letter = weeklyLetter({ shown, window, zone, link: linkTo(deps, window) });
    const count = { sent: 0, failed: 0, notTaken: 0 };
    for (const address of subscribers) {
      const key = keyOf(deps, window, address);
      await planAlert(deps.pool, { key, connection: 'report', reason: 'weekly', nowMs });
      const result = await sendOnce(deps, key, { ...letter, address });
      if (result?.kind === 'sent') count.sent += 1;
      else if (result?.kind === 'not_sent') count.notTaken += 1;
      else if (result !== null) count.failed += 1;
    }
    if (count.notTaken > 0) {
      const found = `The mail server did not take over ${count.notTaken} of ${subscribers.length} e-mails with the weekly report`;
      throw new Error(`${found}; they are tried again. Look at messages.smtpUrl if this goes on.`);
    }
    if (count.failed > 0) deps.log.warn({ failed: count.failed }, 'the weekly report was not sent to everybody');
    return { week: window.fromDate, sent: count.sent, failed: count.failed };
  };
}

/** Tells subscribers apart without naming them. */
function keyOf({ vault }: ActivityDeps, { fromDate }: ReportWindow, address: string): string {
  return `report/${fromDate}/${vault.sign('report_subscriber', address.toLowerCase()).toString('hex').slice(0, 32)}`;
}

function linkTo({ settings: { publicUrl } }: ActivityDeps, { fromDate, toDate }: ReportWindow): string | null {
  if (publicUrl == null) return null;
  const days = new URLSearchParams({ window: 'custom', from: fromDate, to: plusDays(toDate, -1) });
  return `${publicUrl.replace(/\/+$/, '')}/console/report?${days.toString()}`;
}
