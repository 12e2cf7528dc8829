/** Bookings that were recorded before the report was, or in another zone, get their line when a worker starts. */
import { readReportCounts } from '../../db/report-counts';
import { fillLines } from '../../worker/report-upkeep';
import { aFact, DAY, slotAt } from '../support/facts';
import { testDatabase } from '../support/postgres';
import { recordForReport, reportDeps, tell } from '../support/report-bookings';

test('lines that are missing, or have dates of another zone, are written again, and a second start finds nothing to do', async () => {
  const { pool } = await testDatabase();
  const nowMs = Date.UTC(2024, 5, 1);
  const log = { info: jest.fn(), warn: jest.fn(), error: jest.fn() };
  const upkeep = (zone: string) => ({ ...reportDeps({ zone }), pool, log, holder: 'test' });
  for (let n = 0; n < 203; n += 1) {
    const slot = slotAt(Date.UTC(2024, 2, 4, 2, 0));
    await tell(pool, { id: `b${n}`, facts: [aFact('scheduled', { slot, receivedAtMs: slot.startMs - DAY })] });
    await recordForReport(pool, reportDeps({ zone: 'UTC' }), { id: `b${n}`, nowMs });
  }
  // As it was before there was a report.
  await pool.query(`DELETE FROM report_booking WHERE booking_id <> 'b7'`);
  const on = async (fromDate: string, toDate: string): Promise<number> =>
    (await readReportCounts(pool, { fromDate, toDate, sources: null })).due;
  expect(await on('2024-03-04', '2024-03-05')).toBe(1);

  expect(await fillLines(upkeep('America/Denver'), () => false)).toBe(true);
  expect(log.info).toHaveBeenCalledWith({ filled: 203 }, expect.any(String));
  expect([await on('2024-03-03', '2024-03-04'), await on('2024-03-04', '2024-03-05')]).toEqual([203, 0]);
  log.info.mockClear();
  expect(await fillLines(upkeep('America/Denver'), () => false)).toBe(true);
  expect(log.info).not.toHaveBeenCalled();
});
