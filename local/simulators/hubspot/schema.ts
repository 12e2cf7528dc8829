/**
 * Which objects, properties and association types the simulated portal has from the start.
 * Invariant: what is neither here nor made through the properties API is refused; names, types and type ids are HubSpot's.
 */

export const objectTypes = ['contacts', 'meetings', 'deals', 'notes'] as const;
export type ObjectType = (typeof objectTypes)[number];

export function isObjectType(name: string): name is ObjectType {
  return (objectTypes as readonly string[]).includes(name);
}

/** HubSpot's ids of the standard object types. */
export const objectTypeIds: Readonly<Record<ObjectType, string>> = {
  contacts: '0-1',
  deals: '0-3',
  notes: '0-46',
  meetings: '0-47',
};

export const propertyTypes = ['string', 'number', 'date', 'datetime', 'enumeration', 'bool'] as const;
export type PropertyType = (typeof propertyTypes)[number];

/** How the property is edited; `checkbox` takes several options, with `;` between them. */
export const fieldTypes = [
  ...(['textarea', 'text', 'date', 'file', 'number'] as const),
  ...(['select', 'radio', 'checkbox', 'booleancheckbox', 'calculation_equation'] as const),
] as const;
export type FieldType = (typeof fieldTypes)[number];

export interface PropertyOption {
  readonly value: string;
  readonly label: string;
  /** Out of use in HubSpot's forms; still a valid value. */
  readonly hidden: boolean;
}

export interface PropertyDefinition {
  readonly name: string;
  readonly label: string;
  readonly description: string;
  readonly groupName: string;
  readonly type: PropertyType;
  readonly fieldType: FieldType;
  /** What else the value must be, beyond its type. */
  readonly rule: 'email' | 'owner' | 'pipeline' | 'stage' | null;
  readonly readOnly: boolean;
  readonly unique: boolean;
  readonly hidden: boolean;
  /** Made by somebody in this portal, as opposed to HubSpot's own. */
  readonly custom: boolean;
  /** Allowed values of an enumeration; empty for those whose options live elsewhere (owners, stages). */
  readonly options: readonly PropertyOption[];
}

const FIELD_TYPES: Readonly<Record<PropertyType, FieldType>> = {
  string: 'text',
  number: 'number',
  date: 'date',
  datetime: 'date',
  enumeration: 'select',
  bool: 'booleancheckbox',
};

type Extra = Partial<Pick<PropertyDefinition, 'rule' | 'readOnly' | 'unique' | 'custom'>> & {
  readonly options?: readonly string[];
};

function property(name: string, type: PropertyType, extra: Extra = {}): PropertyDefinition {
  const words = name.replace(/^hs_/, '').replaceAll('_', ' ');
  const label = words.charAt(0).toUpperCase() + words.slice(1);
  return {
    name,
    label,
    type,
    description: '',
    groupName: '',
    fieldType: FIELD_TYPES[type],
    custom: false,
    rule: null,
    readOnly: false,
    unique: false,
    hidden: false,
    ...extra,
    options: (extra.options ?? []).map((value) => ({ value, label: value, hidden: false })),
  };
}

const readOnly = { readOnly: true } as const;
const owner = property('hubspot_owner_id', 'enumeration', { rule: 'owner' });

/** On every object; `created` and `modified` differ in name. */
function common(created: string, modified: string): PropertyDefinition[] {
  return [
    property('hs_object_id', 'number', readOnly),
    property(created, 'datetime', readOnly),
    property(modified, 'datetime', readOnly),
    property('hs_unique_creation_key', 'string', readOnly),
    property('hs_merged_object_ids', 'string', readOnly),
    owner,
  ];
}

const text = (...names: string[]): PropertyDefinition[] => names.map((name) => property(name, 'string'));

const contactProperties = [
  ...common('createdate', 'lastmodifieddate'),
  property('email', 'string', { rule: 'email', unique: true }),
  ...text('firstname', 'lastname', 'phone', 'mobilephone', 'company', 'jobtitle', 'website'),
  ...text('address', 'city', 'state', 'zip', 'country', 'message', 'hs_language'),
  // A custom property of this account.
  property('lead_source', 'string', { custom: true }),
  property('lifecyclestage', 'enumeration', {
    options: ['subscriber', 'lead', 'marketingqualifiedlead', 'salesqualifiedlead', 'opportunity', 'customer', 'other'],
  }),
  property('hs_lead_status', 'enumeration', {
    options: [
      'NEW',
      'OPEN',
      'IN_PROGRESS',
      'OPEN_DEAL',
      'UNQUALIFIED',
      'ATTEMPTED_TO_CONTACT',
      'CONNECTED',
      'BAD_TIMING',
    ],
  }),
  property('hs_additional_emails', 'string', readOnly),
  property('hs_searchable_calculated_phone_number', 'string', readOnly),
  property('hs_searchable_calculated_mobile_number', 'string', readOnly),
];

const meetingProperties = [
  ...common('hs_createdate', 'hs_lastmodifieddate'),
  property('hs_timestamp', 'datetime'),
  property('hs_meeting_start_time', 'datetime'),
  property('hs_meeting_end_time', 'datetime'),
  ...text('hs_meeting_title', 'hs_meeting_body', 'hs_internal_meeting_notes', 'hs_meeting_external_url'),
  ...text('hs_meeting_location', 'hs_activity_type', 'hs_attachment_ids'),
  property('hs_meeting_outcome', 'enumeration', {
    options: ['SCHEDULED', 'COMPLETED', 'RESCHEDULED', 'NO_SHOW', 'CANCELED'],
  }),
];

const dealProperties = [
  ...common('createdate', 'hs_lastmodifieddate'),
  ...text('dealname', 'description'),
  property('pipeline', 'enumeration', { rule: 'pipeline' }),
  property('dealstage', 'enumeration', { rule: 'stage' }),
  property('amount', 'number'),
  property('closedate', 'datetime'),
  property('dealtype', 'enumeration', { options: ['newbusiness', 'existingbusiness'] }),
  property('hs_is_closed', 'bool', readOnly),
  property('hs_is_closed_won', 'bool', readOnly),
];

const noteProperties = [
  ...common('hs_createdate', 'hs_lastmodifieddate'),
  property('hs_timestamp', 'datetime'),
  ...text('hs_note_body', 'hs_attachment_ids'),
];

interface ObjectSchema {
  /** HubSpot's group of its own properties. */
  readonly groupName: string;
  /** HubSpot's own; what the portal has in all says its property store. */
  readonly properties: ReadonlyMap<string, PropertyDefinition>;
  readonly createdProperty: string;
  readonly modifiedProperty: string;
  /** What a read returns that names no properties. */
  readonly defaultProperties: readonly string[];
  /** Needed on creation. */
  readonly required: readonly string[];
  /** At least one of these is needed on creation; empty: no such rule. */
  readonly requiredOneOf: readonly string[];
  /** Scopes that reading and writing need; activities go by those of contacts. */
  readonly scopes: { readonly read: string; readonly write: string };
}

const index = (groupName: string, list: readonly PropertyDefinition[]): ReadonlyMap<string, PropertyDefinition> =>
  new Map(list.map((definition) => [definition.name, { ...definition, groupName }]));

const contactScopes = { read: 'crm.objects.contacts.read', write: 'crm.objects.contacts.write' };
const activity = {
  createdProperty: 'hs_createdate',
  modifiedProperty: 'hs_lastmodifieddate',
  defaultProperties: ['hs_createdate', 'hs_lastmodifieddate', 'hs_object_id'],
  required: ['hs_timestamp'],
  requiredOneOf: [],
  scopes: contactScopes,
};

export const schemas: Readonly<Record<ObjectType, ObjectSchema>> = {
  contacts: {
    groupName: 'contactinformation',
    properties: index('contactinformation', contactProperties),
    createdProperty: 'createdate',
    modifiedProperty: 'lastmodifieddate',
    defaultProperties: ['createdate', 'email', 'firstname', 'hs_object_id', 'lastmodifieddate', 'lastname'],
    required: [],
    requiredOneOf: ['email', 'firstname', 'lastname'],
    scopes: contactScopes,
  },
  meetings: {
    ...activity,
    groupName: 'meetinginformation',
    properties: index('meetinginformation', meetingProperties),
  },
  notes: {
    ...activity,
    groupName: 'noteinformation',
    properties: index('noteinformation', noteProperties),
  },
  deals: {
    groupName: 'dealinformation',
    properties: index('dealinformation', dealProperties),
    createdProperty: 'createdate',
    modifiedProperty: 'hs_lastmodifieddate',
    defaultProperties: [
      ...['amount', 'closedate', 'createdate', 'dealname', 'dealstage'],
      ...['hs_lastmodifieddate', 'hs_object_id', 'pipeline'],
    ],
    required: ['dealname', 'dealstage'],
    requiredOneOf: [],
    scopes: { read: 'crm.objects.deals.read', write: 'crm.objects.deals.write' },
  },
};

export interface AssociationType {
  readonly typeId: number;
  readonly from: ObjectType;
  readonly to: ObjectType;
  /** How reads with `?associations=` call it. */
  readonly name: string;
}

/** HubSpot's default type ids, one for each direction. */
export const associationTypes: readonly AssociationType[] = [
  { typeId: 3, from: 'deals', to: 'contacts', name: 'deal_to_contact' },
  { typeId: 4, from: 'contacts', to: 'deals', name: 'contact_to_deal' },
  { typeId: 199, from: 'contacts', to: 'meetings', name: 'contact_to_meeting_event' },
  { typeId: 200, from: 'meetings', to: 'contacts', name: 'meeting_event_to_contact' },
  { typeId: 201, from: 'contacts', to: 'notes', name: 'contact_to_note' },
  { typeId: 202, from: 'notes', to: 'contacts', name: 'note_to_contact' },
  { typeId: 211, from: 'deals', to: 'meetings', name: 'deal_to_meeting_event' },
  { typeId: 212, from: 'meetings', to: 'deals', name: 'meeting_event_to_deal' },
  { typeId: 213, from: 'deals', to: 'notes', name: 'deal_to_note' },
  { typeId: 214, from: 'notes', to: 'deals', name: 'note_to_deal' },
];

/** The default type from one object type to another; null when HubSpot has none here. */
export function associationType(from: ObjectType, to: ObjectType): AssociationType | null {
  return associationTypes.find((type) => type.from === from && type.to === to) ?? null;
}
