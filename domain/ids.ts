/**
 * How ids are built from ids. Invariant: no personal data in any of them; sources choose uids, so they are escaped.
 */
import type { TaskKind } from './tasks';

/** `<connection>/<root uid>` */
export const bookingId = (connection: string, rootUid: string): string =>
  `${connection}/${encodeURIComponent(rootUid)}`;
/** `<connection>/<root uid>/<random>`: one guest's participation in an appointment that several share. `random`: 12 hexadecimal digits. */
export const participationId = (connection: string, rootUid: string, random: string): string =>
  `${bookingId(connection, rootUid)}/${random}`;
/** The source connection of a booking's id. */
export const sourceOfBooking = (id: string): string => id.slice(0, id.indexOf('/'));
export const bookingWorkflowId = (id: string): string => `booking/${id}`;
export const taskWorkflowId = (task: { kind: TaskKind; bookingId: string; about: string; n: number }): string =>
  `task/${task.kind}/${task.bookingId}/${task.about}/${task.n}`;
/** Of a task about a connection as a whole. */
export const connectionTaskWorkflowId = (task: { kind: TaskKind; connection: string; n: number }): string =>
  `task/${task.kind}/${task.connection}/${task.n}`;
/** Of an appointment that a person made in a CRM. CRMs choose ids, so they are escaped. */
export const crmAppointmentWorkflowId = (of: { connection: string; crmId: string }): string =>
  `crm-appointment/${of.connection}/${encodeURIComponent(of.crmId)}`;
export const connectionWorkflowId = (connection: string): string => `connection/${connection}`;
