/**
 * What an activity that reads a source does about the source's errors: try again, when, or leave it to a person.
 * Invariant: Temporal gets the class and our own words, never the error itself: its cause may quote personal data.
 */
import { ApplicationFailure } from '@temporalio/activity';
import { SourceError, type SourceErrorClass } from '../integrations/ports';
import type { ActivityDeps } from './deps';

/** Classes that no repetition mends. */
export type SourceRefusal = Extract<SourceErrorClass, 'reauth_required' | 'refused' | 'contract_violation'>;

/**
 * `failure`: thrown, it makes the engine repeat the attempt, after the pause that the source asked for if it did. `refusal`: no use.
 * Anything but a `SourceError` is ours, and is thrown on.
 */
export function readFailure(
  error: unknown,
): { readonly refusal: SourceRefusal } | { readonly failure: ApplicationFailure } {
  if (!(error instanceof SourceError)) throw error;
  const { errorClass, retryAfterMs } = error;
  if (errorClass === 'reauth_required' || errorClass === 'refused' || errorClass === 'contract_violation') {
    return { refusal: errorClass };
  }
  return {
    failure: ApplicationFailure.create({
      type: errorClass,
      message: error.message,
      ...(retryAfterMs !== null && { nextRetryDelay: retryAfterMs }),
    }),
  };
}

/** Credentials that are refused are one question about the source, however many ask it. */
export async function tellRefusal(deps: ActivityDeps, connection: string, refusal: string): Promise<void> {
  if (refusal === 'reauth_required') await deps.signals.sourceDown({ connection, reason: refusal });
}

/** What a person is told about a refusal. */
export const REFUSAL_WORDS: Readonly<Record<SourceRefusal, string>> = {
  reauth_required: 'it does not accept our credentials; expected valid ones with all scopes: connect the source again',
  refused: 'it refuses what we ask; check the account and its plan',
  contract_violation:
    'it answers in a way that we do not understand; its API may have changed, look for a newer version',
};
