/**
 * What the simulated HighLevel location has before anybody writes to it: two users, two calendars, one pipeline, one app, tokens.
 * Invariant: ids never change; configurations and samples refer to them. The users are the owners of the HubSpot simulator.
 */

export const location = {
  id: 'loc-main',
  companyId: 'company-main',
  name: 'Sample Home Services',
  zone: 'America/Denver',
  country: 'US',
  email: 'office@example.com',
} as const;

export interface User {
  readonly id: string;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
}

export const users: readonly User[] = [
  { id: 'user-host', email: 'host@example.com', firstName: 'Sample', lastName: 'Host' },
  { id: 'user-estimator', email: 'estimator@example.com', firstName: 'Sample', lastName: 'Estimator' },
];

export interface Calendar {
  readonly id: string;
  readonly name: string;
  readonly slug: string;
  readonly minutes: number;
  readonly userIds: readonly string[];
}

export const calendars: readonly Calendar[] = [
  {
    id: 'cal-main',
    name: 'Booked elsewhere',
    slug: 'booked-elsewhere',
    minutes: 30,
    userIds: ['user-host', 'user-estimator'],
  },
  { id: 'cal-estimates', name: 'Estimates', slug: 'estimates', minutes: 60, userIds: ['user-estimator'] },
];

/** Monday to Friday, in the location's zone. */
export const openHours = { days: [1, 2, 3, 4, 5], fromHour: 9, toHour: 17 } as const;

export interface Stage {
  readonly id: string;
  readonly name: string;
}

export interface Pipeline {
  readonly id: string;
  readonly name: string;
  readonly stages: readonly Stage[];
}

export const pipelines: readonly Pipeline[] = [
  {
    id: 'pipe-main',
    name: 'Sales',
    stages: [
      { id: 'stage-new', name: 'New lead' },
      { id: 'stage-booked', name: 'Appointment booked' },
      { id: 'stage-no-show', name: 'No-show' },
      { id: 'stage-showed', name: 'Showed' },
      { id: 'stage-canceled', name: 'Canceled' },
      { id: 'stage-proposal', name: 'Proposal sent' },
      { id: 'stage-won', name: 'Won' },
    ],
  },
];

export const lostReasons = [
  { id: 'lost-price', name: 'Too expensive' },
  { id: 'lost-silent', name: 'No answer' },
] as const;

export interface SeededField {
  readonly id: string;
  readonly name: string;
  readonly fieldKey: string;
  readonly dataType: string;
  readonly model: 'contact' | 'opportunity';
}

export const customFields: readonly SeededField[] = [
  {
    id: 'field-roof-age',
    name: 'Roof age',
    fieldKey: 'contact.roof_age',
    dataType: 'NUMERICAL',
    model: 'contact',
  },
];

/** The app of the marketplace that asks for OAuth tokens; its redirect URI may be any on this machine. */
export const oauthClient = { id: 'ghl-demo-client', secret: 'ghl-demo-secret', appId: 'ghl-demo-app' } as const;

/** A Private Integration Token of the location, and one of the agency. Settings say which are valid. */
export const privateTokens = { location: 'pit-demo', agency: 'pit-agency' } as const;

/** Everything was set up long before any record. */
export const SEEDED_AT = '2026-01-05T09:00:00.000Z';
