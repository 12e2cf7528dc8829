/**
 * One attempt to deliver a webhook.
 * Invariant: it always resolves; redirects are not followed.
 */

const TIME_LIMIT_MS = 10_000;

/** The status that was answered, or null when there was no answer. */
export async function postOnce(
  to: { readonly url: string; readonly headers: Readonly<Record<string, string>>; readonly body: string },
  closing: AbortSignal,
): Promise<number | null> {
  const limit = new AbortController();
  const stop = (): void => limit.abort();
  const timer = setTimeout(stop, TIME_LIMIT_MS);
  closing.addEventListener('abort', stop);
  try {
    const { url, headers, body } = to;
    const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal: limit.signal });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
    closing.removeEventListener('abort', stop);
  }
}
