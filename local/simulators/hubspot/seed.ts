/**
 * What the simulated portal has before anybody writes to it: one sales pipeline and two owners, no records.
 * Invariant: ids never change; booksync.example.yaml and samples refer to them.
 */

export interface Stage {
  readonly id: string;
  readonly label: string;
  readonly displayOrder: number;
  readonly probability: string;
  readonly closed: 'no' | 'won' | 'lost';
}

export interface Pipeline {
  readonly id: string;
  readonly label: string;
  readonly displayOrder: number;
  readonly stages: readonly Stage[];
}

export interface Owner {
  /** What `hubspot_owner_id` takes; `userId` is something else. */
  readonly id: string;
  readonly userId: number;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
}

const stage = (id: string, label: string, rest: Omit<Stage, 'id' | 'label'>): Stage => ({ id, label, ...rest });

export const pipelines: readonly Pipeline[] = [
  {
    id: 'default',
    label: 'Sales Pipeline',
    displayOrder: 0,
    stages: [
      stage('appointmentscheduled', 'Appointment Scheduled', { displayOrder: 0, probability: '0.2', closed: 'no' }),
      stage('qualifiedtobuy', 'Qualified To Buy', { displayOrder: 1, probability: '0.4', closed: 'no' }),
      stage('presentationscheduled', 'Presentation Scheduled', { displayOrder: 2, probability: '0.6', closed: 'no' }),
      stage('decisionmakerboughtin', 'Decision Maker Bought-In', { displayOrder: 3, probability: '0.8', closed: 'no' }),
      stage('contractsent', 'Contract Sent', { displayOrder: 4, probability: '0.9', closed: 'no' }),
      stage('closedwon', 'Closed Won', { displayOrder: 5, probability: '1.0', closed: 'won' }),
      stage('closedlost', 'Closed Lost', { displayOrder: 6, probability: '0.0', closed: 'lost' }),
    ],
  },
];

export const owners: readonly Owner[] = [
  { id: '77001', userId: 9001, email: 'host@example.com', firstName: 'Sample', lastName: 'Host' },
  { id: '77002', userId: 9002, email: 'estimator@example.com', firstName: 'Sample', lastName: 'Estimator' },
];

/** The portal was set up long before any record. */
export const SEEDED_AT = '2026-01-05T09:00:00Z';

/** The account, and the public app that was registered for it. */
export const PORTAL_ID = 62515;
export const APP_ID = 54321;
/** The rep whose acts the page and `_admin/act` play. */
export const REP_USER_ID = 9001;

/** The day of the daily limit ends at midnight here. */
export const PORTAL_ZONE = 'America/New_York';

/** Phones without a country code are read as this country's. */
export const PORTAL_COUNTRY = 'US';
