/** Announces a step of the rehearsal, plays it, and says what the booking's status is after it. */
import type { Pool } from 'pg';
import { readRehearsed } from './diary';

export function playStep(with_: { pool: Pool; say: (line: string) => void }) {
  return async (title: string, play: () => Promise<void>): Promise<void> => {
    const startedAt = Date.now();
    with_.say(`· ${title} …`);
    await play();
    const seen = await readRehearsed(with_.pool);
    with_.say(
      `  ${seen?.status ?? 'unknown'}, CRM ${seen?.crmState ?? 'not written'} (${((Date.now() - startedAt) / 1000).toFixed(1)} s of your time)`,
    );
  };
}
