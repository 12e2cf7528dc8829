/** Everything that the workflow bundle contains. */
export { booking } from './booking';
export { connection } from './connection';
export { task } from './task';
