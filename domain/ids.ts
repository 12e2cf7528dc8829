/**
 * How ids are built from ids. Invariant: no personal data in any of them; sources choose uids, so they are escaped.
 */
import type { TaskKind } from './tasks';

/** `<connection>/<root uid>` */
export const bookingId = (connection: string, rootUid: string): string =>
  `${connection}/${encodeURIComponent(rootUid)}`;
export const bookingWorkflowId = (id: string): string => `booking/${id}`;
export const taskWorkflowId = (task: { kind: TaskKind; bookingId: string; about: string; n: number }): string =>
  `task/${task.kind}/${task.bookingId}/${task.about}/${task.n}`;
export const connectionWorkflowId = (connection: string): string => `connection/${connection}`;
