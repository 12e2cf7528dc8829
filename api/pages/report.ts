/**
 * `/console/report`: the page, its plots and its tables as CSV, all of one query string.
 * Invariant: reads only; a plot is an image that runs and loads nothing, a CSV holds no formula.
 */
import { Router, type Response } from 'express';
import { wallClock } from '../../config/zones';
import { localDate } from '../../domain/wall-clock';
import { answer, frameOf, notFound, type ConsoleDeps } from './console';
import { csvOf } from './csv';
import { funnelOption, PLOT_SIZE, reminderOption, timeToBookOption, weeklyOption, type Theme } from './plot-options';
import { svgOf } from './plots';
import { readReport, readShown, readWeeks, type ReportData } from './report-data';
import { reportQueryOf, reportSearch, type ReportQuery } from './report-query';
import * as tables from './views/report-tables';
import { reportView } from './views/report-view';

const SHOWN_FOLLOW_UPS = 100;
const CSV_FOLLOW_UPS = 50_000;

export function reportRoutes(deps: ConsoleDeps): Router {
  const router = Router();
  const sources = deps.console.connections.filter(({ role }) => role === 'source').map(({ id }) => id);
  const zone = deps.console.reportZone;
  const asked = (query: unknown): ReportQuery =>
    reportQueryOf(query, { today: localDate(wallClock, deps.nowMs(), zone), sources });

  router.get('/report', async (request, response) => {
    const query = asked(request.query);
    const data = await readReport(deps, query, SHOWN_FOLLOW_UPS);
    const frame = frameOf(deps, request, response);
    const body = reportView(frame, { data, query, search: reportSearch(query), sources, zone, plotSize: PLOT_SIZE });
    answer(response, frame, { title: 'Report', section: 'report', body });
  });

  router.get('/report/plots/:plot.svg', async (request, response) => {
    const theme = request.query.theme === 'dark' ? 'dark' : 'light';
    const option = await optionOf(deps, { plot: request.params.plot, query: asked(request.query), theme });
    if (option === null) throw notFound('plot', 'The report shows what there is.');
    sendPlot(response, await svgOf(option));
  });

  router.get('/report/:table.csv', async (request, response) => {
    const query = asked(request.query);
    const name = tables.TABLE_NAMES.find((one) => one === request.params.table);
    if (name === undefined) throw notFound('table', 'The report shows what there is.');
    const data = await readReport(deps, query, CSV_FOLLOW_UPS);
    const { head, rows } = tableOf(name, data, { zone, nowMs: deps.nowMs() });
    response.attachment(`report-${name}-${query.fromDate}.csv`).type('text/csv').send(csvOf(head, rows));
  });

  return router;
}

/** Null: there is no such plot. */
async function optionOf(deps: ConsoleDeps, of: { plot: string; query: ReportQuery; theme: Theme }) {
  const { plot, query, theme } = of;
  if (plot === 'weeks') return weeklyOption(await readWeeks(deps, query), theme);
  const drawn = { funnel: funnelOption, 'time-to-book': timeToBookOption, reminders: reminderOption };
  if (!Object.hasOwn(drawn, plot)) return null;
  return drawn[plot as keyof typeof drawn]((await readShown(deps, query)).counts, theme);
}

/** Opened by itself, it is a document: it may have its own styles, and nothing else. */
function sendPlot(response: Response, svg: string): void {
  response.set('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; sandbox");
  response.type('image/svg+xml').send(svg);
}

function tableOf(
  name: tables.TableName,
  { shown, weeks, followUp, mismatches }: ReportData,
  clock: { readonly zone: string; readonly nowMs: number },
): tables.ReportTable {
  switch (name) {
    case 'rates':
      return tables.ratesTable(shown);
    case 'weeks':
      return tables.weeksTable(weeks);
    case 'funnel':
      return tables.funnelTable(shown);
    case 'time-to-book':
      return tables.timeToBookTable(shown);
    case 'reminders':
      return tables.remindersTable(shown);
    case 'follow-up':
      return tables.followUpTable(clock, followUp);
    case 'mismatches':
      return tables.mismatchesTable(clock, mismatches);
  }
}
