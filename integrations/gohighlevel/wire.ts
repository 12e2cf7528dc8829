/**
 * What differs between HighLevel's version v3 (2026-06-11) and the versions that are dates, which are the fallback.
 * Invariant: version strings, and names that depend on them, live here alone.
 */

/** `dated`: the versions of 2021, each with its own date. No date of retirement is published for either. */
export type ApiVersion = 'v3' | 'dated';

/** First segment of every path that we use; all operations below one want the same version. */
export type Area = 'contacts' | 'opportunities' | 'calendars' | 'locations' | 'users';

/** The `Version` header by operation. The token endpoint wants one in v3 only. */
export const VERSION_OF: Readonly<Record<ApiVersion, Readonly<Record<Area, string> & { oauth: string | null }>>> = {
  v3: { contacts: 'v3', opportunities: 'v3', calendars: 'v3', locations: 'v3', users: 'v3', oauth: 'v3' },
  dated: {
    contacts: '2021-07-28',
    opportunities: '2021-07-28',
    calendars: '2021-04-15',
    locations: '2021-07-28',
    users: '2021-07-28',
    oauth: null,
  },
};

interface WireNames {
  /** Query parameters of `GET /opportunities/search`. */
  readonly search: { readonly location: string; readonly contact: string; readonly pipeline: string };
  /** A custom field's value in a contact's body. */
  readonly fieldValue: string;
  /** Fields of the token endpoint's form. */
  readonly token: {
    readonly clientId: string;
    readonly clientSecret: string;
    readonly grantType: string;
    readonly refreshToken: string;
    readonly redirectUri: string;
    readonly userType: string;
  };
}

export const NAMES_OF: Readonly<Record<ApiVersion, WireNames>> = {
  v3: {
    search: { location: 'locationId', contact: 'contactId', pipeline: 'pipelineId' },
    fieldValue: 'fieldValue',
    token: {
      clientId: 'clientId',
      clientSecret: 'clientSecret',
      grantType: 'grantType',
      refreshToken: 'refreshToken',
      redirectUri: 'redirectUri',
      userType: 'userType',
    },
  },
  dated: {
    search: { location: 'location_id', contact: 'contact_id', pipeline: 'pipeline_id' },
    fieldValue: 'field_value',
    token: {
      clientId: 'client_id',
      clientSecret: 'client_secret',
      grantType: 'grant_type',
      refreshToken: 'refresh_token',
      redirectUri: 'redirect_uri',
      userType: 'user_type',
    },
  },
};
