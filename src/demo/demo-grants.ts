import type { Label } from '../protocol/labels.ts';

/** A grant that the demo's custodians give: the viewer's organisation, recipient kind and purposes are those of `people.ts`. */
export interface DemoGrant {
  readonly viewer: string;
  readonly custodian: 'ministry' | 'missing' | 'ngo-a' | 'ngo-b';
  /** Scopes without their subgraph's name. */
  readonly scopes: readonly string[];
  readonly clears: readonly Label[];
}

const MINISTRY_ALL = ['registered', 'identifying', 'medical', 'sealed', 'prosecution'];
const MISSING_ALL = ['registered', 'identifying', 'circumstances', 'family', 'medical', 'links'];
const NGO_ALL = ['registered', 'identifying', 'medical', 'provenance', 'imagery', 'testimony'];
const NGO_STAFF: readonly Label[] = ['COORDINATED', 'FAMILY_FIRST', 'CONSENT_LIMITED', 'GRAPHIC'];

/** Who may see what in the demo, one row a grant, to be read beside `domain.md`. */
export const DEMO_GRANTS: readonly DemoGrant[] = [
  { viewer: 'analyst', custodian: 'missing', scopes: ['registered', 'identifying', 'circumstances'], clears: [] },
  { viewer: 'analyst', custodian: 'ministry', scopes: ['registered', 'identifying', 'medical'], clears: [] },
  { viewer: 'analyst', custodian: 'ngo-a', scopes: ['registered', 'identifying'], clears: [] },
  { viewer: 'analyst', custodian: 'ngo-b', scopes: ['registered'], clears: [] },

  { viewer: 'ministry-officer', custodian: 'ministry', scopes: MINISTRY_ALL, clears: ['SEALED'] },
  {
    viewer: 'ministry-officer',
    custodian: 'ngo-a',
    scopes: ['registered', 'identifying', 'imagery'],
    clears: ['COORDINATED'],
  },
  { viewer: 'ministry-officer', custodian: 'missing', scopes: ['registered'], clears: [] },

  {
    viewer: 'authority-officer',
    custodian: 'missing',
    scopes: MISSING_ALL,
    clears: ['FAMILY_FIRST', 'CONSENT_LIMITED'],
  },
  {
    viewer: 'authority-officer',
    custodian: 'ministry',
    scopes: ['registered', 'identifying'],
    clears: ['FAMILY_FIRST'],
  },
  { viewer: 'authority-officer', custodian: 'ngo-a', scopes: NGO_ALL, clears: NGO_STAFF },
  { viewer: 'authority-officer', custodian: 'ngo-b', scopes: NGO_ALL, clears: NGO_STAFF },

  { viewer: 'archivist-a', custodian: 'ngo-a', scopes: NGO_ALL, clears: NGO_STAFF },
  { viewer: 'archivist-b', custodian: 'ngo-b', scopes: NGO_ALL, clears: NGO_STAFF },

  { viewer: 'journalist', custodian: 'missing', scopes: ['registered'], clears: [] },
  { viewer: 'journalist', custodian: 'ministry', scopes: ['registered'], clears: [] },
  { viewer: 'journalist', custodian: 'ngo-a', scopes: ['registered'], clears: [] },
  { viewer: 'journalist', custodian: 'ngo-b', scopes: ['registered'], clears: [] },

  { viewer: 'dashboard', custodian: 'missing', scopes: ['registered'], clears: [] },
  { viewer: 'dashboard', custodian: 'ministry', scopes: ['registered'], clears: [] },
  { viewer: 'dashboard', custodian: 'ngo-a', scopes: ['registered'], clears: [] },
  { viewer: 'dashboard', custodian: 'ngo-b', scopes: ['registered'], clears: [] },
];
