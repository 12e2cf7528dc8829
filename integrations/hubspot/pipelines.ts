/**
 * HubSpot's deal pipelines, and which of their stages are closed.
 * Invariant: what is kept is at most ten minutes old, and only what an account shows now is shown to people.
 */
import { createMemo } from '../memo';
import type { CrmCall } from '../ports';
import { pipelinesSchema, type HubspotPipeline, type HubspotStage } from './answers';
import { HUBSPOT_VERSIONS, type HubspotClient } from './client';

export interface Pipelines {
  /** Asks the account, archived pipelines and stages included as it sends them. */
  read(operation: string, call: CrmCall): Promise<readonly HubspotPipeline[]>;
  /** What was read within the last ten minutes, without a call; empty where nothing was. */
  held(): readonly HubspotPipeline[];
}

const KEEP_MS = 10 * 60_000;
const KEY = 'deals';

/** `now` in epoch ms. */
export function createPipelines(client: HubspotClient, now: () => number): Pipelines {
  const memo = createMemo<readonly HubspotPipeline[]>({ keepMs: KEEP_MS, now });
  return {
    async read(operation, call) {
      const path = ['crm', 'pipelines', HUBSPOT_VERSIONS.pipelines, 'deals'];
      const { results } = await client.request(
        { operation, method: 'GET', path, effect: 'safe', schema: pipelinesSchema },
        call,
      );
      memo.keep(KEY, results);
      return results;
    },
    held: () => memo.held(KEY) ?? [],
  };
}

/** The stage of a pipeline; null where the pipeline has no such stage. */
export function stageOf(
  all: readonly HubspotPipeline[],
  at: { readonly pipelineId: string | null; readonly stageId: string | null },
): HubspotStage | null {
  const pipeline = all.find(({ id }) => id === at.pipelineId);
  return pipeline?.stages.find(({ id }) => id === at.stageId) ?? null;
}

/** `isClosed` is not documented for every account; a probability of exactly 0 or 1 is what makes a stage lost or won. */
export function isClosed({ metadata }: HubspotStage): boolean {
  const flag = metadata?.['isClosed'];
  if (flag !== undefined && flag !== null) return String(flag).toLowerCase() === 'true';
  const probability = metadata?.['probability'];
  if (probability === undefined || probability === null || probability === '') return false;
  return Number(probability) === 0 || Number(probability) === 1;
}
