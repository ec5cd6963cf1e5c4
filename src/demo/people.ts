import type { RecipientKind } from '../protocol/labels.ts';
import type { Purpose } from '../protocol/purposes.ts';
import type { SubjectKind } from '../protocol/request-context.ts';

/** Somebody who can sign in to the demo, or its one client. All of them are invented. */
export interface DemoViewer {
  /** The subject (`sub`) of their access tokens, and for the client its `client_id`. */
  readonly id: string;
  readonly kind: SubjectKind;
  readonly name: { readonly en: string; readonly ar: string };
  /** What they do, for the list that the demo prints. */
  readonly role: { readonly en: string; readonly ar: string };
  readonly organisation: string;
  readonly recipientKind: RecipientKind;
  /** What their grants are for; the first is the purpose that the demo's own query declares. */
  readonly purposes: readonly [Purpose, ...Purpose[]];
}

/** The people who can sign in to the demo, without a password. */
export const PEOPLE: readonly DemoViewer[] = [
  {
    id: 'analyst',
    kind: 'USER',
    name: { en: 'Lina Darwish', ar: 'لينا درويش' },
    role: { en: 'Analyst, commission on missing persons', ar: 'محللة، لجنة المفقودين' },
    organisation: 'commission',
    recipientKind: 'NAMED_ORGANISATIONS',
    purposes: ['IDENTIFICATION', 'FAMILY_TRACING'],
  },
  {
    id: 'ministry-officer',
    kind: 'USER',
    name: { en: 'Samer Haddad', ar: 'سامر حداد' },
    role: { en: 'Officer, Ministry of Justice', ar: 'موظف، وزارة العدل' },
    organisation: 'ministry',
    recipientKind: 'GOVERNMENT',
    purposes: ['CRIMINAL_INVESTIGATION', 'COORDINATION'],
  },
  {
    id: 'authority-officer',
    kind: 'USER',
    name: { en: 'Huda Mansour', ar: 'هدى منصور' },
    role: { en: 'Officer, National Authority for the Missing', ar: 'موظفة، الهيئة الوطنية للمفقودين' },
    organisation: 'missing',
    recipientKind: 'AUTHORITY_ONLY',
    purposes: ['IDENTIFICATION', 'FAMILY_TRACING', 'COORDINATION'],
  },
  {
    id: 'archivist-a',
    kind: 'USER',
    name: { en: 'Rami Saleh', ar: 'رامي صالح' },
    role: { en: 'Archivist, documentation centre A', ar: 'أمين الأرشيف، مركز التوثيق أ' },
    organisation: 'ngo-a',
    recipientKind: 'NAMED_ORGANISATIONS',
    purposes: ['COORDINATION', 'IDENTIFICATION'],
  },
  {
    id: 'archivist-b',
    kind: 'USER',
    name: { en: 'Nour Ibrahim', ar: 'نور إبراهيم' },
    role: { en: 'Archivist, documentation centre B', ar: 'أمينة الأرشيف، مركز التوثيق ب' },
    organisation: 'ngo-b',
    recipientKind: 'NAMED_ORGANISATIONS',
    purposes: ['COORDINATION'],
  },
  {
    id: 'journalist',
    kind: 'USER',
    name: { en: 'Yara Khalil', ar: 'يارا خليل' },
    role: { en: 'Journalist', ar: 'صحفية' },
    organisation: 'press',
    recipientKind: 'PUBLICATION',
    purposes: ['RESEARCH'],
  },
];

/** The demo's client: a dashboard that signs in as itself, with nobody behind it. */
export const DASHBOARD: DemoViewer = {
  id: 'dashboard',
  kind: 'CLIENT',
  name: { en: 'Dashboard', ar: 'لوحة المؤشرات' },
  role: { en: 'Client: a page of figures', ar: 'برنامج: صفحة أرقام' },
  organisation: 'press',
  recipientKind: 'PUBLICATION',
  purposes: ['STATISTICS'],
};

/** One of the demo's viewers by id. */
export const demoViewer = (id: string): DemoViewer | undefined =>
  [...PEOPLE, DASHBOARD].find((viewer) => viewer.id === id);
