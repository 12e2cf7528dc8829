/**
 * crmAppointment: an appointment that a person made in a CRM is booked at the source, or somebody is asked about it.
 * Invariant: what happened to the record while one look was under way is one more look; the rows are the truth, a task outlives the run.
 */
import { setCurrentDetails, setHandler } from '@temporalio/workflow';
import type { Activities } from '../activities';
import { bookCrmAppointmentOn } from './activity-options';
import { endConnectionTasks, startConnectionTask } from './connection-tasks';
import { lookAgainSignal, type CrmAppointmentInput } from './contract';

type Ended = Awaited<ReturnType<Activities['bookCrmAppointment']>>;

export async function crmAppointment(input: CrmAppointmentInput): Promise<Ended['kind']> {
  let looks = 0;
  setHandler(lookAgainSignal, () => void (looks += 1), { description: 'Look at the record again' });
  for (;;) {
    const seen = looks;
    const summary = `Book what was made in ${input.connection}`;
    const ended = await bookCrmAppointmentOn(input.connection).executeWithOptions({ summary }, [input]);
    if (ended.task !== null) await startConnectionTask(ended.task);
    await endConnectionTasks(ended.withdrawn, 'the appointment no longer needs it');
    setCurrentDetails(`**${ended.kind}**${ended.reason === null ? '' : `: ${ended.reason}`}`);
    if (looks === seen) return ended.kind;
  }
}
