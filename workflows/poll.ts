/**
 * What a schedule starts for a connection: `poll` and `readBack` fill gaps, `pollLeads` asks who is new, `checkSubscription` and
 * `checkMapping` are watchdogs. One activity each.
 * Invariant: one that has to be looked at by a person ends the run with that word; it is not tried for ever.
 */
import { setCurrentDetails } from '@temporalio/workflow';
import type { Activities } from '../activities';
import * as activity from './activity-options';
import type { ConnectionInput } from './contract';

type Polled = Awaited<ReturnType<Activities['pollSource']>>;
type Mapped = Awaited<ReturnType<Activities['checkMapping']>>;
type Leads = Awaited<ReturnType<Activities['pollLeads']>>;
type Compared = Awaited<ReturnType<Activities['readBack']>>;
type Checked = Awaited<ReturnType<Activities['checkSubscription']>>;

export async function poll(input: ConnectionInput): Promise<Polled> {
  const result = await activity.pollSource.executeWithOptions({ summary: `Read what changed at ${input.connection}` }, [
    input,
  ]);
  setCurrentDetails(pollWords(result));
  return result;
}

export async function checkSubscription(input: ConnectionInput): Promise<Checked> {
  const summary = `Check the webhook subscription at ${input.connection}`;
  const result = await activity.checkSubscription.executeWithOptions({ summary }, [input]);
  setCurrentDetails(checkWords(result));
  return result;
}

export async function checkMapping(input: ConnectionInput): Promise<Mapped> {
  const { connection } = input;
  const summary = `Check the mapping against ${connection}`;
  const result = await activity.checkMappingOn(connection).executeWithOptions({ summary }, [input]);
  setCurrentDetails(mappingWords(result));
  return result;
}

export async function pollLeads(input: ConnectionInput): Promise<Leads> {
  const { connection } = input;
  const summary = `Ask ${connection} who is new`;
  const result = await activity.pollLeadsOn(connection).executeWithOptions({ summary }, [input]);
  setCurrentDetails(leadWords(result));
  return result;
}

function leadWords(result: Leads): string {
  if (result.kind === 'polled') return `**polled**: ${result.read} read`;
  if (result.kind === 'not_fed') return '**not polled**: no source feeds this connection';
  return `**not polled**: ${result.reason}; \`booksync doctor\` says what to do`;
}

export async function readBack(input: ConnectionInput): Promise<Compared> {
  const { connection } = input;
  const summary = `Compare what is open with ${connection}`;
  const result = await activity.readBackOn(connection).executeWithOptions({ summary }, [input]);
  setCurrentDetails(comparedWords(result));
  return result;
}

function comparedWords(result: Compared): string {
  switch (result.kind) {
    case 'compared':
      return `**compared**: ${result.looked} appointment(s), ${result.told} of them changed without a webhook`;
    case 'recent':
      return '**not compared**: the last time is not a night ago';
    case 'not_mapped':
      return '**not compared**: nothing is mapped to this connection';
    case 'refused':
      return `**not compared**: ${result.reason}; \`booksync doctor\` says what to do`;
  }
}

function mappingWords(result: Mapped): string {
  if (result.kind === 'not_mapped') return '**not checked**: nothing is mapped to this connection';
  if (result.kind === 'refused') return `**not checked**: ${result.reason}; \`booksync doctor\` says what to do`;
  if (result.findings === 0) return '**everything that it names is in use**';
  return `**${result.findings} finding(s)**: \`booksync doctor\` lists them`;
}

function pollWords(result: Polled): string {
  switch (result.kind) {
    case 'polled':
      return `**polled**: ${result.read} read, ${result.fed} said something new`;
    case 'no_api':
      return '**not polled**: the connection has no API settings';
    case 'stopped':
      return `**not polled**: ${result.reason}; \`booksync doctor\` says what to do`;
  }
}

function checkWords(result: Checked): string {
  if (result.kind === 'not_checkable') return '**not checked**: the connection needs `api` and `webhookUrl`';
  if (result.findings === 0) return '**as it should be**';
  return `**${result.findings} finding(s)**: \`booksync doctor\` lists them`;
}
