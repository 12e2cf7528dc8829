/**
 * Everything that the system keeps, shows and says, as texts to search: database, Temporal, logs, HTTP answers.
 * Invariant: what is encoded is there twice, as it is stored and decoded.
 */
import { readFileSync } from 'node:fs';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import type { Client } from '@temporalio/client';
import type { Pool } from 'pg';
import { textsOf, type HistoryJson } from './histories';
import type { PartName, Stack } from '../../local/stack';

/** Where a text was found → the text. */
export type Findings = Map<string, string>;

/** Every row of every table. Binary columns come as PostgreSQL shows them, in hexadecimal, and as the bytes that they are. */
export async function databaseFindings(pool: Pool): Promise<Findings> {
  const findings: Findings = new Map();
  const { rows: tables } = await pool.query<{ name: string }>(
    `SELECT quote_ident(table_schema) || '.' || quote_ident(table_name) AS name FROM information_schema.tables
     WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY name`,
  );
  for (const { name } of tables) {
    const { rows } = await pool.query<{ row: string }>(`SELECT to_jsonb(t)::text AS row FROM ${name} t`);
    const text = rows.map(({ row }) => row).join('\n');
    const bytes = [...text.matchAll(/\\\\x([0-9a-f]*)/g)].map(([, hex]) =>
      Buffer.from(hex ?? '', 'hex').toString('latin1'),
    );
    findings.set(`table ${name}`, [text, ...bytes].join('\n'));
  }
  return findings;
}

const WITH_A_VIEW: readonly string[] = ['booking', 'connection', 'task'];

/** Every workflow: its description (ids, search attributes, memo, what is pending with its failures), history, and current details. */
export async function temporalFindings(client: Client): Promise<Findings> {
  const findings: Findings = new Map();
  for await (const { workflowId, runId, type } of client.workflow.list()) {
    const handle = client.workflow.getHandle(workflowId, runId);
    const description = await handle.describe();
    const history = historyToJSON(await handle.fetchHistory());
    const queries = ['__temporal_workflow_metadata', ...(WITH_A_VIEW.includes(type) ? ['view'] : [])];
    const answers = await Promise.all(queries.map((query) => handle.query(query)));
    const texts = [
      ...[JSON.stringify(description.raw), String(description.staticSummary), String(description.staticDetails)],
      ...[JSON.stringify(description.memo ?? {}), JSON.stringify(description.searchAttributes)],
      ...textsOf(JSON.parse(history) as HistoryJson),
    ];
    findings.set(
      `workflow ${workflowId}`,
      [history, ...texts, ...answers.map((answer) => JSON.stringify(answer))].join('\n'),
    );
  }
  return findings;
}

/** What the parts have printed since the beginning, over restarts. */
export function logFindings(stack: Stack, parts: readonly PartName[]): Findings {
  return new Map(parts.map((part) => [`log of ${part}`, readFileSync(stack.logFile(part), 'utf8')]));
}
