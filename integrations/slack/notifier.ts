/**
 * Notes to a channel of Slack, through an incoming webhook.
 * Invariant: one request per note, never repeated here; what may have been posted is `unknown`. The webhook's address is a secret and reaches no text.
 */
import { ErrorCode, IncomingWebhook, type FetchFunction, type IncomingWebhookSendError } from '@slack/webhook';
import { NetworkFailure, networkFailureOf } from '../http-send';
import type { Notifier, SendResult, TeamNote } from '../ports';

const TIME_LIMIT_MS = 10_000;

export function createSlackNotifier(settings: {
  readonly webhookUrl: string;
  readonly timeLimitMs?: number;
}): Notifier {
  const webhook = new IncomingWebhook(settings.webhookUrl, {
    timeout: settings.timeLimitMs ?? TIME_LIMIT_MS,
    fetch: tellingFetch,
  });
  return {
    channel: 'slack',
    async post(note) {
      try {
        // Slack would fetch a link's page to show a piece of it.
        await webhook.send({ text: textOf(note), unfurl_links: false, unfurl_media: false });
        return { kind: 'sent', providerId: null };
      } catch (error) {
        return resultOf(error as IncomingWebhookSendError);
      }
    },
  };
}

/** Says whether anything may have left, before the client's own words replace what was thrown. */
const tellingFetch: FetchFunction = async (input, init) => {
  try {
    const response = await fetch(input, init);
    const { ok, status, statusText, url, headers } = response;
    return {
      ok,
      status,
      statusText,
      url,
      // Node's type of them lacks what the client's type asks for.
      headers: { get: (name) => headers.get(name), entries: () => [] },
      arrayBuffer: () => response.arrayBuffer(),
      json: () => response.json(),
      text: () => response.text(),
    };
  } catch (thrown) {
    throw networkFailureOf(thrown, init?.signal?.aborted === true);
  }
};

/** In Slack's mrkdwn; a `<!channel>` in somebody's name calls nobody. */
export function textOf({ text, link }: TeamNote): string {
  if (link === null) return escaped(text);
  return `${escaped(text)} <${escaped(link.url).replaceAll('|', '%7C')}|${escaped(link.words).replaceAll('|', '/')}>`;
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks: a 4xx refused the note, 429 has to wait; after a 5xx nobody knows. */
function resultOf(error: IncomingWebhookSendError): SendResult {
  switch (error.code) {
    case ErrorCode.HTTPError: {
      const { statusCode } = error;
      const word = /^[a-z_]{1,40}$/.exec(error.body ?? '')?.[0];
      const reason = `Slack answered HTTP ${statusCode}${word === undefined ? '' : ` ${word}`}`;
      if (statusCode === 429) return { kind: 'not_sent', reason };
      return { kind: statusCode < 500 ? 'refused' : 'unknown', reason };
    }
    case ErrorCode.RequestError: {
      const { original } = error;
      if (!(original instanceof NetworkFailure)) return { kind: 'unknown', reason: 'no whole answer of Slack' };
      return { kind: original.maySent ? 'unknown' : 'not_sent', reason: original.message };
    }
    default:
      throw new Error('The client of Slack failed in a way that it does not name', { cause: error });
  }
}
