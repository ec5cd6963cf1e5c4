/** A custodian of the demo federation. */
export interface DemoCustodian {
  readonly id: 'ministry' | 'missing' | 'ngo-a' | 'ngo-b';
  readonly subgraph: string;
  readonly name: { readonly en: string; readonly ar: string };
  readonly contact: string;
}

/** The custodians of the demo. */
export const DEMO_CUSTODIANS: readonly DemoCustodian[] = [
  {
    id: 'ministry',
    subgraph: 'ministry',
    name: { en: 'Ministry of Justice', ar: 'وزارة العدل' },
    contact: 'records@ministry.example',
  },
  {
    id: 'missing',
    subgraph: 'missing',
    name: { en: 'National Authority for the Missing', ar: 'الهيئة الوطنية للمفقودين' },
    contact: 'records@missing.example',
  },
  {
    id: 'ngo-a',
    subgraph: 'ngo',
    name: { en: 'Documentation centre A', ar: 'مركز التوثيق أ' },
    contact: 'archive@ngo-a.example',
  },
  {
    id: 'ngo-b',
    subgraph: 'ngo',
    name: { en: 'Documentation centre B', ar: 'مركز التوثيق ب' },
    contact: 'archive@ngo-b.example',
  },
];

/** The subgraph that several of them host. */
export const GATHERED = 'ngo';
