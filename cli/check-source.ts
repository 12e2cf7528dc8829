/**
 * Does a source accept our credentials, and does it send its webhooks to us?
 * Invariant: only `fix` changes anything, and only the subscription.
 */
import { SourceError, type SourceApi, type SourceErrorClass } from '../integrations/ports';
import { codeOf, fixed, note, ok, problem, type CheckLine } from './check-line';

export interface SourceToCheck {
  readonly connection: string;
  /** Null: the connection has no API settings. */
  readonly api: SourceApi | null;
  readonly webhookUrl: string | null;
  /** The one that signs from now on, when the subscription is mended. */
  readonly secret: string | null;
  readonly fix: boolean;
}

/** A read of so little that it costs nothing: it proves that the credentials are accepted. */
const PROBE_SPAN_MS = 60_000;

export async function checkSource(source: SourceToCheck): Promise<CheckLine[]> {
  const { connection, api } = source;
  const subject = `${connection} API`;
  if (api === null) {
    return [note(subject, 'not configured: webhooks are all there is, a lost one stays lost; add `api` to mend that')];
  }
  try {
    const toMs = Date.now();
    await api.listChanged({ fromMs: toMs - PROBE_SPAN_MS, toMs });
  } catch (error) {
    return [problem(subject, whyNot(error))];
  }
  return [ok(subject, 'answers and accepts our credentials'), ...(await checkSubscription(source, api))];
}

async function checkSubscription(source: SourceToCheck, api: SourceApi): Promise<CheckLine[]> {
  const { connection, webhookUrl, secret, fix } = source;
  const subject = `${connection} subscription`;
  if (webhookUrl === null) {
    return [note(subject, "not checked: set `webhookUrl` to our webhook's address as the source has to call it")];
  }
  const lines: CheckLine[] = [];
  try {
    let findings = await api.checkSubscription({ webhookUrl });
    // Also when nothing was found: a source does not show whether its secret is ours.
    if (fix && secret !== null) {
      const done = await api.mendSubscription({ webhookUrl, secret });
      lines.push(...done.map((words) => fixed(subject, words)));
      findings = await api.checkSubscription({ webhookUrl });
    }
    if (findings.length === 0) lines.push(ok(subject, 'as it should be'));
    lines.push(...findings.map((finding) => problem(subject, `${finding.problem}; ${remedyOf(finding, fix)}`)));
  } catch (error) {
    lines.push(problem(subject, whyNot(error)));
  }
  return lines;
}

function remedyOf({ fixable }: { readonly fixable: boolean }, tried: boolean): string {
  if (!fixable) return 'mend it at the source';
  return tried ? 'it is still so after it was mended: look at the source' : '`booksync doctor --fix` mends it';
}

const WORDS: Readonly<Record<SourceErrorClass, string>> = {
  rate_limited: 'asks us to wait, its rate limit is used up; try again in a minute',
  unavailable: 'does not answer; check the base URL, or try again later',
  unknown_outcome: 'did not say whether it did what we asked; try again',
  reauth_required:
    'does not accept our credentials, or a scope is missing; make new ones and put them into the settings',
  refused: 'refuses what we ask; check the account and its plan',
  contract_violation: 'answers in a way that we do not understand; check the base URL, or look for a newer version',
};

function whyNot(error: unknown): string {
  if (!(error instanceof SourceError)) return `could not be asked (${codeOf(error)})`;
  const status = error.httpStatus === null ? '' : ` (HTTP ${error.httpStatus})`;
  return `${WORDS[error.errorClass]}${status}`;
}
