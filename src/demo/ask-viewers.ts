import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type Purpose, formatPurpose } from '../protocol/purposes.ts';
import type { DemoCustodian } from './demo-custodians.ts';
import { DASHBOARD, type DemoViewer, PEOPLE } from './people.ts';
import type { Federation } from './start-federation.ts';

/** The three people whom the demo asks about, by their link ids, and what the Authority recorded of their families. */
export const ASKED_ABOUT = [
  { id: 'psn_03d0cba4e5f2978fb82b', notification: 'the family has been told' },
  { id: 'psn_70539857a00d3c26df80', notification: 'the family is yet to be told' },
  { id: 'psn_895a7fd3cdbf824c1087', notification: 'the family declined to be told' },
] as const;

const VIEWERS = new Set(['analyst', 'authority-officer', 'journalist', DASHBOARD.id]);
const REFERENCE = 'A-17/2026';
const QUERY = readFileSync(new URL('cross-organisation-query.graphql', import.meta.url), 'utf8');

const Answer = z.object({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z.array(z.looseObject({ message: z.string() })).optional(),
  extensions: z
    .object({
      withheld: z.array(
        z.object({
          path: z.array(z.string()),
          coordinate: z.string(),
          custodian: z.string(),
          requires: z.array(z.array(z.string())),
          reason: z.string(),
          contact: z.string(),
          partial: z.literal(true).optional(),
        }),
      ),
      custodians: z.array(
        z.looseObject({
          custodian: z.string(),
          status: z.string(),
          incomplete: z.array(z.looseObject({ path: z.array(z.string()), reason: z.string() })).optional(),
        }),
      ),
    })
    .partial()
    .optional(),
});

/** What one viewer was answered. */
export interface ViewerAnswer {
  readonly viewer: DemoViewer;
  readonly purpose: Purpose;
  readonly milliseconds: number;
  readonly data: Readonly<Record<string, unknown>> | null;
  readonly errors: readonly { readonly message: string }[];
  readonly withheld: NonNullable<NonNullable<z.infer<typeof Answer>['extensions']>['withheld']>;
  readonly custodians: NonNullable<NonNullable<z.infer<typeof Answer>['extensions']>['custodians']>;
}

/** Asks the cross-organisation query as analyst, Authority officer, journalist and dashboard, one after the other. */
export async function askViewers(federation: Federation, signal: AbortSignal): Promise<ViewerAnswer[]> {
  const answers: ViewerAnswer[] = [];
  for (const viewer of [...PEOPLE, DASHBOARD].filter(({ id }) => VIEWERS.has(id))) {
    answers.push(await ask(federation, viewer, signal));
  }
  return answers;
}

/** Asks the same while one custodian is switched off. */
export async function askWithout(
  federation: Federation,
  custodian: DemoCustodian['id'],
  signal: AbortSignal,
): Promise<ViewerAnswer[]> {
  await federation.stopOne(custodian);
  try {
    return await askViewers(federation, signal);
  } finally {
    await federation.startOne(custodian);
  }
}

/** Whether everybody was answered, without an error, by every custodian asked. */
export const answeredByAll = (answers: readonly ViewerAnswer[]): boolean =>
  answers.every(
    ({ data, errors, custodians }) =>
      data !== null && errors.length === 0 && custodians.every(({ status }) => status === 'ANSWERED'),
  );

async function ask(federation: Federation, viewer: DemoViewer, signal: AbortSignal): Promise<ViewerAnswer> {
  const token = viewer === DASHBOARD ? await federation.dashboardToken() : await federation.tokenOf(viewer.id);
  const [purpose] = viewer.purposes;
  const began = performance.now();
  const response = await fetch(`${federation.gateway}/graphql`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'amana-purpose': formatPurpose({ purpose, ref: REFERENCE }),
      'content-type': 'application/json',
    },
    body: JSON.stringify({ query: QUERY, variables: { ids: ASKED_ABOUT.map(({ id }) => id) } }),
    signal,
  });
  const { data, errors = [], extensions = {} } = Answer.parse(await response.json());
  const milliseconds = performance.now() - began;
  const { withheld = [], custodians = [] } = extensions;
  return { viewer, purpose, milliseconds, data: data ?? null, errors, withheld, custodians };
}
