/**
 * The server's own time skipping, switched on for one running workflow. Pre-release in the server: for rehearsals, never for production.
 * The TypeScript client has no option for it, so this is the raw call; field names are those of Temporal's API definitions.
 */
import type { Client } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time';

/** With `forMs` the workflow's time jumps ahead by that much and then runs at its normal pace; without it, every wait is skipped. */
export async function skipTime(client: Client, workflowId: string, options: { forMs?: number }): Promise<void> {
  const { forMs } = options;
  await client.workflowService.updateWorkflowExecutionOptions({
    namespace: client.options.namespace,
    workflowExecution: { workflowId },
    workflowExecutionOptions: {
      timeSkippingConfig: {
        enabled: true,
        ...(forMs !== undefined && { fastForwardConfig: { id: `ahead-${forMs}`, duration: msToTs(forMs) } }),
      },
    },
    updateMask: { paths: ['time_skipping_config'] },
  });
}
