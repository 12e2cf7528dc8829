/** Everything that the workflow bundle contains. */
export { booking } from './booking';
export { crmAppointment } from './crm-appointment';
export { connection } from './connection';
export { checkMapping, checkSubscription, poll, pollLeads, readBack } from './poll';
export { task } from './task';
export { undo } from './undo';
export { weeklyReport } from './weekly-report';
