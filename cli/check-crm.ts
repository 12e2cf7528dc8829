/**
 * Does a CRM answer and accept our credentials, has it the fields that we keep our keys in, and does the mapping fit it?
 * Invariant: changes nothing, unless asked to mend: then it makes the fields that are missing.
 */
import { mappingProblems } from '../domain/mapping-check';
import type { CrmMapping } from '../domain/settings';
import { CrmError, type Crm, type CrmCall, type CrmErrorClass } from '../integrations/ports';
import { unknownOwners } from '../integrations/lead-owners';
import { codeOf, note, ok, problem, type CheckLine } from './check-line';

const TIME_LIMIT_MS = 20_000;

export async function checkCrm(of: {
  readonly connection: string;
  readonly crm: Crm;
  /** Null: nothing is mapped to this CRM. */
  readonly mapping: CrmMapping | null;
  /** Whose turn it is to own new leads of a source that feeds this CRM, by address. */
  readonly owners: readonly LeadOwners[];
  readonly fix: boolean;
}): Promise<CheckLine[]> {
  const { connection, crm, mapping, owners, fix } = of;
  const call: CrmCall = { operationKey: `${connection}/doctor`, signal: AbortSignal.timeout(TIME_LIMIT_MS) };
  const api = await attempt(`${connection} API`, async () => {
    await crm.probe(call);
    return ['answers and accepts our credentials'];
  });
  if (api.some((line) => line.level === 'problem')) return api;
  const setup = fix ? await setUp(connection, crm, call) : [];
  return [
    ...api,
    ...setup,
    ...(mapping === null ? [] : await checkMapping({ connection, crm, mapping, call })),
    ...(await checkOwners({ connection, crm, owners, call })),
  ];
}

export interface LeadOwners {
  readonly source: string;
  readonly emails: readonly string[];
}

/** Addresses are personal, so they are told by their places. */
async function checkOwners(of: {
  readonly connection: string;
  readonly crm: Crm;
  readonly owners: readonly LeadOwners[];
  readonly call: CrmCall;
}): Promise<CheckLine[]> {
  const { connection, crm, owners, call } = of;
  const subject = `${connection} owners`;
  const lines: CheckLine[] = [];
  for (const { source, emails } of owners) {
    let unknown: readonly number[] = [];
    const found = await attempt(subject, async () => {
      unknown = await unknownOwners(crm, emails, call);
      return unknown.length === 0 ? [`all ${emails.length} of leads.owner of ${source} are users of it`] : [];
    });
    const sentence = (place: number): string =>
      `no. ${place} of leads.owner of ${source} is no active user of it that our token may see: their leads would have no owner; expected the address of a user`;
    lines.push(...found, ...unknown.map((place) => problem(subject, sentence(place))));
  }
  return lines;
}

async function setUp(connection: string, crm: Crm, call: CrmCall): Promise<CheckLine[]> {
  const subject = `${connection} fields`;
  let missing: readonly string[] = [];
  const lines = await attempt(subject, async () => {
    const report = await crm.ensureSetup(call);
    missing = report.missing;
    return report.done;
  });
  return [...lines, ...missing.map((sentence) => note(subject, sentence))];
}

async function checkMapping(of: {
  readonly connection: string;
  readonly crm: Crm;
  readonly mapping: CrmMapping;
  readonly call: CrmCall;
}): Promise<CheckLine[]> {
  const { connection, crm, mapping, call } = of;
  const subject = `${connection} mapping`;
  let problems: readonly string[] = [];
  const lines = await attempt(subject, async () => {
    const { pipelines, personFields } = await crm.describe(call);
    const { tags, notes, nativeLeadSource } = crm.capabilities;
    problems = mappingProblems(mapping, { pipelines, personFields, tags, notes, nativeLeadSource });
    return problems.length === 0 ? ['everything that it names is in use'] : [];
  });
  return [...lines, ...problems.map((sentence) => problem(subject, sentence))];
}

/** One good line per sentence, or one that says what the CRM answered. */
async function attempt(subject: string, act: () => Promise<readonly string[]>): Promise<CheckLine[]> {
  try {
    return (await act()).map((sentence) => ok(subject, sentence));
  } catch (error) {
    if (!(error instanceof CrmError)) return [problem(subject, `could not be asked (${codeOf(error)})`)];
    const status = error.httpStatus === null ? '' : ` (HTTP ${error.httpStatus})`;
    return [problem(subject, `${wordsOf(error.errorClass)}${status}`)];
  }
}

function wordsOf(errorClass: CrmErrorClass): string {
  switch (errorClass) {
    case 'reauth_required':
      return 'does not accept our credentials; make new ones and put them into the settings';
    case 'scope_missing':
      return 'accepts our credentials, which lack a scope; grant it and connect the account again';
    case 'account_inactive':
      return 'says that the account is not active; have it activated';
    case 'rate_limited':
      return 'asks us to wait, its rate limit is used up; try again in a minute';
    case 'unavailable':
    case 'unknown_outcome':
      return 'does not answer; check the base URL, or try again later';
    default:
      return `refused the request (${errorClass}); check the base URL and the account`;
  }
}
