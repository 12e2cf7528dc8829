/**
 * HighLevel users: who in the location is the host of a booking.
 * Invariant: a user is matched by an equal e-mail only, and nobody is asked twice within ten minutes.
 */
import { createMemo } from '../memo';
import { CrmError, type CrmCall } from '../ports';
import { locationAnswer, usersAnswer } from './answers';
import type { GohighlevelClient } from './client';

const KEEP_MS = 10 * 60_000;
const SEARCH_PAGE = '100';

type Owner = { readonly id: string } | null;
type User = { readonly id: string; readonly email: string };

export interface Owners {
  /** Null where nobody has this e-mail, and where HighLevel does not let our kind of token read users. */
  find(email: string, call: CrmCall): Promise<Owner>;
  /** Throws what keeps users from being read. */
  check(call: CrmCall): Promise<void>;
}

export function createOwners(client: GohighlevelClient): Owners {
  const memo = createMemo<Owner>({ keepMs: KEEP_MS, now: client.now });
  let companyId: string | null = null;

  const users = async (email: string, call: CrmCall): Promise<readonly User[]> => {
    if (client.apiVersion === 'dated') return usersOfLocation(client, call);
    companyId ??= await readCompanyId(client, call);
    return searchUsers(client, { companyId, email }, call);
  };

  return {
    async find(email, call) {
      const wanted = email.trim().toLowerCase();
      if (wanted === '') return null;
      return memo.get(wanted, async () => {
        const found = (await unlessNotOffered(users(wanted, call))).find((user) => user.email === wanted);
        return found === undefined ? null : { id: found.id };
      });
    },
    async check(call) {
      await users('', call);
    },
  };
}

/** Some tokens may not call every route (401, "IAM"): then appointments keep the calendar's own user. */
async function unlessNotOffered(users: Promise<readonly User[]>): Promise<readonly User[]> {
  try {
    return await users;
  } catch (error) {
    const isNotOffered =
      error instanceof CrmError && error.errorClass === 'contract_violation' && error.httpStatus === 401;
    if (isNotOffered) return [];
    throw error;
  }
}

async function searchUsers(
  client: GohighlevelClient,
  { companyId, email }: { readonly companyId: string; readonly email: string },
  call: CrmCall,
): Promise<readonly User[]> {
  const query = {
    companyId,
    locationId: client.locationId,
    limit: SEARCH_PAGE,
    ...(email === '' ? {} : { query: email }),
  };
  const request = { operation: 'findOwner', method: 'GET', path: ['users', 'search'], query, effect: 'safe' } as const;
  return activeUsers(await client.request({ ...request, schema: usersAnswer }, call));
}

/** All of the location's; the dated versions have no search that a location's token may use. */
async function usersOfLocation(client: GohighlevelClient, call: CrmCall): Promise<readonly User[]> {
  const query = { locationId: client.locationId };
  const request = { operation: 'findOwner', method: 'GET', path: ['users'], query, effect: 'safe' } as const;
  return activeUsers(await client.request({ ...request, trailingSlash: true, schema: usersAnswer }, call));
}

const activeUsers = ({
  users,
}: {
  users: readonly { id: string; email?: string | null | undefined; deleted?: boolean | null | undefined }[];
}) =>
  users
    .filter(({ deleted }) => deleted !== true)
    .map(({ id, email }) => ({ id, email: email?.trim().toLowerCase() ?? '' }));

/** The search of users wants the company of the location. */
async function readCompanyId(client: GohighlevelClient, call: CrmCall): Promise<string> {
  const path = ['locations', client.locationId] as const;
  const { location } = await client.request(
    { operation: 'findOwner', method: 'GET', path, effect: 'safe', schema: locationAnswer },
    call,
  );
  if (location.companyId) return location.companyId;
  throw new CrmError('contract_violation', 'HighLevel findOwner: the location names no company, expected its id', {
    fields: ['location.companyId'],
  });
}
