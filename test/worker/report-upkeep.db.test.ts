/** Bookings that were recorded before the report was, or in another zone, get their line when a worker starts; leads get their day. */
import type { Pool } from 'pg';
import { hearOfLeads } from '../../db/leads';
import { readReportCounts } from '../../db/report-counts';
import { fillLines, moveLeads } from '../../worker/report-upkeep';
import { aFact, DAY, slotAt } from '../support/facts';
import { testDatabase } from '../support/postgres';
import { recordForReport, reportDeps, tell } from '../support/report-bookings';

const log = { info: jest.fn(), warn: jest.fn(), error: jest.fn() };
beforeEach(() => log.info.mockClear());

const upkeepOf = (pool: Pool, zone: string) => ({ ...reportDeps({ zone }), pool, log, holder: 'test' });

test('lines that are missing, or have dates of another zone, are written again, and a second start finds nothing to do', async () => {
  const { pool } = await testDatabase();
  const nowMs = Date.UTC(2024, 5, 1);
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

  expect(await fillLines(upkeepOf(pool, 'America/Denver'), () => false)).toBe(true);
  expect(log.info).toHaveBeenCalledWith({ filled: 203 }, expect.any(String));
  expect([await on('2024-03-03', '2024-03-04'), await on('2024-03-04', '2024-03-05')]).toEqual([203, 0]);
  log.info.mockClear();
  expect(await fillLines(upkeepOf(pool, 'America/Denver'), () => false)).toBe(true);
  expect(log.info).not.toHaveBeenCalled();
});

test('after a change of the zone, leads of a CRM count for their day there, with what became of them', async () => {
  const { pool } = await testDatabase();
  const enteredAtMs = Date.UTC(2024, 2, 4, 2, 0);
  const leads = Array.from({ length: 401 }, (_, n) => ({ crmId: `c${n}`, enteredAtMs, enteredDate: '2024-03-04' }));
  await hearOfLeads(pool, { crm: 'hubspot-main', source: 'calcom-sales', zone: 'UTC', leads });
  const on = async (fromDate: string, toDate: string): Promise<number> =>
    (await readReportCounts(pool, { fromDate, toDate, sources: null })).leads;
  expect([await on('2024-03-03', '2024-03-04'), await on('2024-03-04', '2024-03-05')]).toEqual([0, 401]);

  expect(await moveLeads(upkeepOf(pool, 'UTC'), () => false)).toBe(true);
  expect(log.info).not.toHaveBeenCalled();
  expect(await moveLeads(upkeepOf(pool, 'America/Denver'), () => false)).toBe(true);
  expect(log.info).toHaveBeenCalledWith({ moved: 401 }, expect.any(String));
  expect([await on('2024-03-03', '2024-03-04'), await on('2024-03-04', '2024-03-05')]).toEqual([401, 0]);
});
