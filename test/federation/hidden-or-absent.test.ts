import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectAlike } from '../response-times.ts';
import {
  type Answer,
  type Custodian,
  type OwnGateway,
  accessToken,
  ask,
  federation,
  give,
  startGateway,
  withStorage,
  withoutRequestId,
} from './harness.ts';
import { type RecordingProxy, recordingProxy } from './recording-proxy.ts';

/** How many times each question is timed; none in `npm test`, where what crosses the wire for it is compared. */
const SAMPLES = Number(process.env['AMANA_TIMED_SAMPLES'] ?? 0);

const VIEWER = 'hidden:outsider';
const CUSTODIANS = ['ministry', 'missing', 'ngo-a'] as const;
const LIMITS = { depth: 14, aliases: 60, tokens: 4_000, cost: 100_000, requestsPerMinute: 1_000_000 };

const gates = {} as Record<Custodian, RecordingProxy>;
let [recorded, direct]: OwnGateway[] = [];
let token: string;
/** An id or a value of something hidden, and one like it of nothing. */
const values: Record<string, readonly [hidden: string, absent: string]> = {
  person: ['psn_70539857a00d3c26df80', 'psn_00000000000000000000'],
};

const first = (custodian: Custodian, sql: string): Promise<string> =>
  withStorage(custodian, async ({ query }) => {
    const [row] = await query<{ value: string }>({ sql: `${sql} limit 1`, parameters: [] });
    return row?.value ?? '';
  });
const like = (id: string): readonly [string, string] => [id, `${id.slice(0, -4)}0000`];

beforeAll(async () => {
  for (const id of CUSTODIANS) {
    gates[id] = await recordingProxy(federation.custodians[id]);
    await give(id, VIEWER, ['registered', 'identifying']);
  }
  const addresses = Object.fromEntries(CUSTODIANS.map((id) => [id, gates[id].url]));
  // Timed are requests without a proxy in between.
  [recorded, direct] = await Promise.all([
    startGateway(addresses, { limits: LIMITS }),
    startGateway({}, { limits: LIMITS }),
  ]);
  token = await accessToken(VIEWER, { expiresIn: 86_400 });
  const hiddenLink = `select record_id as value from links where record_type = 'DeathCertificate' and label_set <> 1 order by record_id`;
  const noLink = `select id as value from death_certificates where id not in (select record_id from links) order by id`;
  Object.assign(values, {
    certificate: [await first('ministry', hiddenLink), await first('ministry', noLink)],
    courtFile: like(await first('ministry', `select id as value from court_files where 'SEALED' = any (labels)`)),
    photograph: like(await first('ngo-a', `select id as value from photographs where 'COORDINATED' = any (labels)`)),
    collection: like(await first('ngo-a', `select id as value from collections where 'COORDINATED' = any (labels)`)),
    number: [
      await first(
        'ngo-a',
        `select detainee_number as value from depicted_bodies where 'COORDINATED' = any (labels) and detainee_number ~ '^[0-9]{4}$'`,
      ),
      '9999',
    ],
  });
});
afterAll(async () => {
  await Promise.all([recorded, direct].map((gateway) => gateway?.stop()));
  for (const gate of Object.values(gates)) await gate.close();
});

const asked = (gateway: OwnGateway | undefined, query: string, value: string): Promise<Answer> =>
  ask(query, { token, gateway: gateway?.url ?? '', variables: { v: value } });

const EVERYWHERE =
  'id missingPersonReports { totalCount nodes { id } } deathCertificates { totalCount nodes { id reference } } custodyTransfers { totalCount } depictedBodies { totalCount nodes { id } }';

const QUESTIONS: readonly { readonly of: string; readonly what: string; readonly query: string }[] = [
  { of: 'person', what: 'a person by id', query: `query ($v: ID!) { person(id: $v) { ${EVERYWHERE} } }` },
  { of: 'person', what: 'a person among others', query: `query ($v: ID!) { persons(ids: [$v]) { ${EVERYWHERE} } }` },
  {
    of: 'person',
    what: 'decisions by their person',
    query: `query ($v: ID!) { identificationDecisions(filter: { person: $v }) { totalCount nodes { id } } }`,
  },
  {
    of: 'certificate',
    what: 'the person of a record',
    query: `query ($v: ID!) { deathCertificates(filter: { id: [$v] }) { totalCount nodes { disputed person { ${EVERYWHERE} } } } }`,
  },
  {
    of: 'courtFile',
    what: 'a sealed record by id',
    query: 'query ($v: ID!) { courtFiles(filter: { id: [$v] }) { totalCount nodes { id status person { id } } } }',
  },
  {
    of: 'photograph',
    what: 'an unreleased record by id',
    query:
      'query ($v: ID!) { photographs(filter: { id: [$v] }) { totalCount nodes { id body { id person { id } } } } }',
  },
  {
    of: 'collection',
    what: 'the records of an unreleased collection',
    query:
      'query ($v: ID!) { photographs(filter: { collection: $v }) { totalCount nodes { id } pageInfo { hasNextPage } } }',
  },
  {
    of: 'number',
    what: 'a number on an unreleased body',
    query: 'query ($v: String!) { depictedBodies(filter: { number: $v }) { totalCount nodes { id } } }',
  },
];

describe('what is hidden and what there is not are answered alike', () => {
  it.each(QUESTIONS)('$what', async ({ of, query }) => {
    const [hidden, absent] = values[of]!;
    expect(hidden).toHaveLength(absent.length);
    expect(hidden).not.toBe(absent);
    await asked(recorded, query, absent); // what is granted is known from here on
    const workOf = async (value: string) => {
      for (const gate of Object.values(gates)) gate.clear();
      const answer = await asked(recorded, query, value);
      const calls = CUSTODIANS.flatMap((id) =>
        gates[id].recorded
          .filter(({ path }) => path !== '/health/ready' && !path.endsWith('/schema'))
          .map(({ path, body, answer = '' }) => [id, path, body, answer].map((text) => text.replaceAll(value, ''))),
      );
      const { status, headers } = answer;
      const text = withoutRequestId(answer).replaceAll(value, '');
      return { status, text, headers: [...headers.keys()], length: headers.get('content-length'), calls };
    };
    const work = await workOf(hidden);
    expect(work.status).toBe(200);
    expect(work.calls.length).toBeGreaterThan(0);
    expect(work).toEqual(await workOf(absent));
  });

  it.runIf(SAMPLES > 0).each(QUESTIONS)(
    '$what, and it takes no longer or shorter',
    async ({ of, what, query }) => {
      const [hidden, absent] = values[of]!;
      const ask = (value: string) => () => asked(direct, query, value);
      await expectAlike(`through the gateway, ${what}`, { one: ask(hidden), other: ask(absent) }, SAMPLES);
    },
    1_200_000,
  );
});
