/**
 * The request for tokens at a CRM's token endpoint: a form, sent once and without a bearer, within a deadline.
 * Invariant: nothing of what is sent or answered reaches an error.
 */
import { errorFromNetwork } from './crm-errors';
import type { HttpAnswer, Transport } from './transport';

export interface TokenRequest {
  /** As messages name it. */
  readonly vendor: string;
  /** Our method's name, for the message. */
  readonly operation: string;
  /** The CRM's address, with or without a trailing slash. */
  readonly baseUrl: string;
  /** Below the address, without a slash at the beginning. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly form: Readonly<Record<string, string>>;
  readonly transport: Transport;
  readonly timeoutMs: number;
}

/** Whatever is answered; throws one `CrmError` where nothing is. */
export async function requestTokens(request: TokenRequest): Promise<HttpAnswer> {
  const { vendor, operation, transport } = request;
  let stopped: 'timeout' | null = null;
  let timer: NodeJS.Timeout | undefined;
  try {
    const exchange = transport({
      url: `${request.baseUrl.replace(/\/+$/, '')}/${request.path}`,
      method: 'POST',
      headers: {
        accept: 'application/json',
        'content-type': 'application/x-www-form-urlencoded',
        'user-agent': 'booking-status-sync',
        ...request.headers,
      },
      body: new URLSearchParams(request.form).toString(),
    });
    timer = setTimeout(() => {
      stopped = 'timeout';
      exchange.stop();
    }, request.timeoutMs);
    return await exchange.answer;
  } catch (thrown) {
    throw errorFromNetwork(thrown, { vendor, operation, effect: 'safe', stopped });
  } finally {
    clearTimeout(timer);
  }
}
