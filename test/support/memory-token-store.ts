/** A store of tokens in memory, with what the real one promises: one exchange at a time, stored before it is handed out. */
import type { StoredTokens, TokenStore } from '../../integrations/oauth-tokens';

export interface MemoryStore extends TokenStore {
  readonly stored: StoredTokens | null;
}

export function memoryStore(): MemoryStore {
  let turn: Promise<unknown> = Promise.resolve();
  const store = {
    stored: null as StoredTokens | null,
    read: () => Promise.resolve(store.stored),
    exchange(obtain: (stored: StoredTokens | null) => Promise<StoredTokens>): Promise<StoredTokens> {
      const mine = turn.then(async () => (store.stored = await obtain(store.stored)));
      turn = mine.catch(() => undefined);
      return mine;
    },
  };
  return store;
}
