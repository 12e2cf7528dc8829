/**
 * Who may act: holders of the shared operator token, who name themselves, and operators with a token of their own, who don't.
 * Invariant: without any token nobody may; a comparison takes equally long however much of a token is right, and nobody acts under the
 * id of somebody who has a token.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { OperatorToken } from '../config/console-schema';
import { HttpError } from './errors';

export interface Holder {
  readonly token: string;
  /** Null: whoever has the shared token. */
  readonly operator: string | null;
}

/** Under which those decide who have not said who they are. */
export const ANYBODY = 'operator';

export class Operators {
  /** The shared token first. Empty: the operator API and the console are closed. */
  readonly holders: readonly Holder[];
  private readonly digests: readonly Buffer[];

  constructor(of: { readonly apiToken: string | null; readonly operators?: readonly OperatorToken[] }) {
    const { apiToken, operators = [] } = of;
    const isShared = apiToken !== null && apiToken.trim() !== '';
    this.holders = [
      ...(isShared ? [{ token: apiToken, operator: null }] : []),
      ...operators.map(({ id, token }) => ({ token, operator: id })),
    ];
    this.digests = this.holders.map(({ token }) => digestOf(token));
  }

  /** Digests have equal lengths, so not even the token's length shows in the time that this takes. */
  holderOf(sent: unknown): Holder | null {
    const digest = digestOf(typeof sent === 'string' ? sent : '');
    const isRight = this.digests.map((right) => timingSafeEqual(right, digest));
    return typeof sent === 'string' ? (this.holders[isRight.indexOf(true)] ?? null) : null;
  }

  /** The id to decide under. `named`: whom a holder of the shared token says to be. Throws `HttpError` 403 where that is somebody else. */
  idOf(holder: Holder, named: string): string {
    if (holder.operator !== null) return holder.operator;
    if (this.holders.every(({ operator }) => operator !== named)) return named;
    const message = 'The operator of this id has a token of their own. Use that token, or another id.';
    throw new HttpError({ status: 403, code: 'operator_has_token', message });
  }
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
