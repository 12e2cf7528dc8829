/** Does a CRM answer and accept our credentials? Invariant: changes nothing. */
import { CrmError, type Crm, type CrmErrorClass } from '../integrations/ports';
import { codeOf, ok, problem, type CheckLine } from './check-line';

const TIME_LIMIT_MS = 10_000;

export async function checkCrm(connection: string, crm: Crm): Promise<CheckLine> {
  const subject = `${connection} API`;
  try {
    await crm.probe({ operationKey: `${connection}/doctor`, signal: AbortSignal.timeout(TIME_LIMIT_MS) });
    return ok(subject, 'answers and accepts our credentials');
  } catch (error) {
    if (!(error instanceof CrmError)) return problem(subject, `could not be asked (${codeOf(error)})`);
    const status = error.httpStatus === null ? '' : ` (HTTP ${error.httpStatus})`;
    return problem(subject, `${wordsOf(error.errorClass)}${status}`);
  }
}

function wordsOf(errorClass: CrmErrorClass): string {
  switch (errorClass) {
    case 'reauth_required':
      return 'does not accept our credentials, or a scope is missing; make new ones and put them into the settings';
    case 'rate_limited':
      return 'asks us to wait, its rate limit is used up; try again in a minute';
    case 'unavailable':
    case 'unknown_outcome':
      return 'does not answer; check the base URL, or try again later';
    default:
      return `refused the probe (${errorClass}); check the base URL and the account`;
  }
}
