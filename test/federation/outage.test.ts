import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { decodeJwt } from 'jose';
import { ASKED_ABOUT } from '../../src/demo/ask-viewers.ts';
import { type ErrorCode, messageOf } from '../../src/protocol/errors.ts';
import type { Purpose } from '../../src/protocol/purposes.ts';
import {
  type Answer,
  type Custodian,
  type OwnGateway,
  ask,
  custodianToken,
  federation,
  give,
  requestContext,
  startGateway,
} from './harness.ts';
import { expectNothingInside, loggedAtGateway } from './refusals.ts';
import type { Fault } from './faults.ts';
import { type RecordingProxy, recordingProxy } from './recording-proxy.ts';

const CUSTODIANS = ['ministry', 'missing', 'ngo-a'] as const;
const DEADLINES = { request: 3000, custodian: 1000, access: 800 };
/** What reading, merging and logging may take on a busy machine beside the deadlines themselves. */
const SLACK = 1000;
/** Where a custodian is looked at on nobody's behalf. */
const LOOKED_AT: ReadonlySet<string> = new Set(['/health/ready', '/ministry/schema']);

const QUERY = `query ($ids: [ID!]!) {
  persons(ids: $ids) {
    id
    reports: missingPersonReports(first: 2) { nodes { id status reference name { asWritten } } totalCount }
    certificates: deathCertificates(first: 2) { nodes { id disputed reference registeredOn { value } } totalCount }
    bodies: depictedBodies(first: 2) { nodes { id category reference photographs(first: 1) { nodes { id } } } }
  }
  collections { nodes { id title } }
}`;
const IDS = ASKED_ABOUT.map(({ id }) => id);
const EDGE = { ministry: 'certificates', 'ngo-a': 'bodies' } as const;

const asItIs = (answer: string): string => answer;
const gates = {} as Record<Custodian, RecordingProxy>;
let gateway: OwnGateway;
let healthy: Answer;

/** Of whom no gateway remembers anything. */
const stranger = (): string => `outage-${randomUUID()}`;

const askAll = (more: { ids?: string[]; as?: string } = {}): Promise<Answer> =>
  ask(QUERY, { as: more.as ?? 'outage', variables: { ids: more.ids ?? IDS }, gateway: gateway.url });

beforeAll(async () => {
  const clears = ['COORDINATED', 'FAMILY_FIRST'] as const;
  const holder = { organisation: 'missing', recipientKind: 'AUTHORITY_ONLY', clears: [...clears] } as const;
  for (const custodian of CUSTODIANS) {
    await give(custodian, 'outage', ['registered', 'identifying'], { ...holder, clears: [...clears] });
    gates[custodian] = await recordingProxy(federation.custodians[custodian]);
  }
  const addresses = Object.fromEntries(CUSTODIANS.map((custodian) => [custodian, gates[custodian].url]));
  gateway = await startGateway(addresses, { deadlines: DEADLINES });
  healthy = await askAll();
  expect([healthy.errors, healthy.withheld]).toEqual([[], []]);
  for (const person of healthy.data.persons) {
    for (const edge of ['reports', 'certificates', 'bodies']) expect(person[edge].nodes).not.toEqual([]);
  }
});
const passOn = async (headers: IncomingHttpHeaders): Promise<IncomingHttpHeaders> => headers;
/** All custodians answer again, and the gateway leaves none of them alone any more. */
async function heal(): Promise<void> {
  for (const gate of Object.values(gates)) {
    Object.assign(gate, { fault: 'none', accessFault: 'none', readyFault: 'none', delay: 0 });
    Object.assign(gate, { alter: asItIs, alterAccess: asItIs, alterHeaders: passOn });
  }
  await expect
    .poll(
      async () => {
        const questions = await ask('{ viewer { accesses { status } } }', { as: stranger(), gateway: gateway.url });
        const accesses: { status: string }[] = questions.data.viewer.accesses;
        return [...accesses, ...(await askAll()).custodians].every(({ status }) => status === 'ANSWERED');
      },
      { timeout: 10_000 },
    )
    .toBe(true);
}
afterEach(heal);
afterAll(async () => {
  await gateway?.stop();
  for (const gate of Object.values(gates)) await gate.close();
});

const statusOf = ({ custodians }: Answer, id: string) => custodians.find(({ custodian }) => custodian === id);
const codesIn = ({ errors }: Answer) => [...new Set(errors.map(({ extensions }) => extensions.code))];

/** Nothing of a custodian's own words or whereabouts, and no code but a listed one with its public sentence. */
function expectNothingSaid(answer: Answer): void {
  expectNothingInside(answer);
  expect(answer.text).not.toContain('psn_secret');
  for (const gate of Object.values(gates)) expect(answer.text).not.toContain(new URL(gate.url).port);
  for (const { message, extensions, ...rest } of answer.errors) {
    expect(message).toBe(messageOf(extensions.code as ErrorCode));
    expect(Object.keys(extensions)).toEqual(['code']);
    expect(Object.keys(rest)).toEqual(['path']);
  }
}

/** All that is another custodian's is there as in health; in the place of this one's edge, null with the code. */
function expectOnlyLost(answer: Answer, custodian: keyof typeof EDGE, status: string): void {
  const edge = EDGE[custodian];
  const expected = structuredClone(healthy.data);
  for (const person of expected.persons) person[edge] = null;
  if (custodian === 'ngo-a') expected.collections = null;
  expect(answer.status).toBe(200);
  expect(JSON.stringify(answer.data)).toBe(JSON.stringify(expected));
  const code = `CUSTODIAN_${status}`;
  const paths = IDS.map((_, index) => ['persons', index, edge]);
  expect(answer.errors.map(({ path }) => path)).toEqual(
    expect.arrayContaining(custodian === 'ngo-a' ? [...paths, ['collections']] : paths),
  );
  expect(answer.errors).toHaveLength(custodian === 'ngo-a' ? paths.length + 1 : paths.length);
  expect(codesIn(answer)).toEqual([code]);
  for (const other of CUSTODIANS) {
    const wanted = other === custodian ? { status, records: 0 } : statusOf(healthy, other);
    expect(statusOf(answer, other)).toMatchObject(wanted ?? {});
  }
  expect(answer.withheld).toEqual([]);
  expectNothingSaid(answer);
}

/** A viewer who is granted everything, and of whom no gateway knows it yet. */
async function known(): Promise<string> {
  const as = stranger();
  for (const custodian of CUSTODIANS) {
    await give(custodian, as, ['registered', 'identifying'], {
      organisation: 'missing',
      recipientKind: 'AUTHORITY_ONLY',
      clears: ['COORDINATED', 'FAMILY_FIRST'],
    });
  }
  return as;
}

/** What a token or a context says, unverified. */
const claimsIn = (given: unknown): Record<string, string | undefined> =>
  decodeJwt(String(given).replace('Bearer ', ''));

async function within<Result>(milliseconds: number, work: Promise<Result>): Promise<Result> {
  const began = performance.now();
  const result = await work;
  expect(performance.now() - began).toBeLessThan(milliseconds);
  return result;
}

/** What each fault makes of a custodian's part, where records are asked for and where it is asked what it grants. */
const FAULTS: readonly (readonly [Fault, records: string, access: string])[] = [
  ['reset', 'UNAVAILABLE', 'UNAVAILABLE'],
  ['silent', 'TIMED_OUT', 'UNAVAILABLE'],
  ['late', 'TIMED_OUT', 'UNAVAILABLE'],
  ['dripping', 'TIMED_OUT', 'UNAVAILABLE'],
  ['slow', 'TIMED_OUT', 'UNAVAILABLE'],
  ['reset-in-body', 'UNAVAILABLE', 'UNAVAILABLE'],
  ['half', 'UNAVAILABLE', 'UNAVAILABLE'],
  ['html', 'UNAVAILABLE', 'UNAVAILABLE'],
  ['wrong-types', 'UNAVAILABLE', 'UNAVAILABLE'],
  ['error', 'UNAVAILABLE', 'UNAVAILABLE'],
  ['redirect', 'UNAVAILABLE', 'UNAVAILABLE'],
  ['endless', 'UNAVAILABLE', 'UNAVAILABLE'],
  ['100-MB', 'UNAVAILABLE', 'UNAVAILABLE'],
  ['gzip', 'UNAVAILABLE', 'UNAVAILABLE'],
  ['gzip-bomb', 'UNAVAILABLE', 'UNAVAILABLE'],
  ['refuse', 'REFUSED', 'REFUSED'],
];

/** What the custodian at another's address is not asked for by `/access`, nor by lists. */
const ENTITY_FAULTS: readonly Fault[] = ['fewer-entities', 'more-entities', 'entities-of-others', 'id-not-asked-for'];

/** The answer while something fails, which costs its own part, is entered in the log, and is over where that is over. */
async function expectLostWhile(
  custodian: keyof typeof EDGE,
  status: string,
  fail: () => void | Promise<void>,
  ask: () => Promise<Answer> = askAll,
): Promise<void> {
  await fail();
  const answer = await within(DEADLINES.custodian + SLACK, ask());
  expectOnlyLost(answer, custodian, status);
  expect(loggedAtGateway(answer.requestId, gateway.log)).toMatchObject([
    { event: 'OPENED' },
    { event: 'ANSWERED', codes: [`CUSTODIAN_${status}`] },
  ]);
  await heal();
  const recovered = await askAll();
  expect([JSON.stringify(recovered.data), recovered.errors]).toEqual([JSON.stringify(healthy.data), []]);
}

it('a custodian is asked for answers that are not compressed', async () => {
  gates.ministry.clear();
  await askAll();
  for (const { headers } of gates.ministry.recorded) expect(headers['accept-encoding']).toBe('identity');
});

describe.each(['ministry', 'ngo-a'] as const)('where %s fails', (custodian) => {
  it.each(FAULTS)('(%s), that costs its own part alone, said so, and it recovers', async (fault, status) => {
    await expectLostWhile(custodian, status, () => void (gates[custodian].fault = fault));
  });

  it('(its process is gone), that costs its own part alone, and it recovers where it listens again', async () => {
    const gate = gates[custodian];
    const as = await known();
    await gate.close();
    for (const asking of [askAll(), askAll({ as })])
      expectOnlyLost(await within(DEADLINES.custodian + SLACK, asking), custodian, 'UNAVAILABLE');
    gates[custodian] = await recordingProxy(federation.custodians[custodian], Number(new URL(gate.url).port));
    expect((await askAll()).data).toEqual(healthy.data);
  });
});

describe('a custodian that keeps failing', () => {
  it.each<Fault>(['reset', 'html', 'silent'])(
    '(%s) is not asked for a while, which the answer says, then asked whether it is ready, and asked again',
    async (fault) => {
      const viewers = await Promise.all(Array.from({ length: 4 }, known));
      Object.assign(gates.ministry, { fault, readyFault: 'html' });
      await Promise.all(viewers.slice(1).map((as) => askAll({ as })));
      await pause(1_000);
      await askAll();
      gates.ministry.clear();
      const answer = await within(SLACK, askAll({ as: viewers[0] ?? '' }));
      expectOnlyLost(answer, 'ministry', 'UNAVAILABLE');
      expect(statusOf(answer, 'ministry')).toMatchObject({ retryAfter: expect.any(Number) });
      expect(gates.ministry.recorded.filter(({ path }) => !LOOKED_AT.has(path))).toEqual([]);
      gates.ministry.clear();
      await heal();
      expect(gates.ministry.recorded.filter(({ path }) => path === '/health/ready')).toHaveLength(1);
      expect((await askAll()).data).toEqual(healthy.data);
    },
  );
});

it.each(ENTITY_FAULTS)('where the ministry tells of others than were asked for (%s), none of it is believed', (fault) =>
  expectLostWhile('ministry', 'UNAVAILABLE', () => void (gates.ministry.fault = fault)),
);

describe('a custodian whose clock is wrong', () => {
  /** The credentials as they would be if the gateway's and the provider's clocks were so far behind the custodian's. */
  const behind = (milliseconds: number) => async (headers: IncomingHttpHeaders) => {
    const { sub } = claimsIn(headers.authorization);
    const { purpose } = claimsIn(headers['amana-context']);
    const seconds = Math.floor((Date.now() - milliseconds) / 1000);
    const shifted = { iat: seconds, nbf: seconds - 1, exp: seconds + 300 };
    const context = { subject: sub ?? '', subjectKind: 'USER', purpose: purpose as Purpose } as const;
    return {
      ...headers,
      authorization: `Bearer ${await custodianToken('ministry', sub ?? '', { with: shifted })}`,
      'amana-context': await requestContext('ministry', context, { now: Date.now() - milliseconds }),
    };
  };

  it.each([
    ['fast', 600_000],
    ['slow', -600_000],
  ])('(ten minutes %s) refuses, which is said, where records are asked for', async (_, milliseconds) => {
    await expectLostWhile('ministry', 'REFUSED', () => void (gates.ministry.alterHeaders = behind(milliseconds)));
  });

  it.each([
    ['fast', 600_000],
    ['slow', -600_000],
  ])('(ten minutes %s) refuses, which is said, where it is asked what it grants', async (_, milliseconds) => {
    const as = await known();
    await expectLostWhile(
      'ministry',
      'REFUSED',
      () => void (gates.ministry.alterHeaders = behind(milliseconds)),
      () => askAll({ as }),
    );
  });

  it('is taken as it is where it is right', async () => {
    gates.ministry.alterHeaders = behind(0);
    expect((await askAll()).data).toEqual(healthy.data);
  });
});

describe('a custodian that answers without end', () => {
  const peak = (): number =>
    Number(/VmHWM:\s+(\d+) kB/u.exec(readFileSync(`/proc/${gateway.pid}/status`, 'utf8'))?.[1]) / 1024;

  it.each(['100-MB', 'endless', 'gzip-bomb'] as const)(
    '(%s) is hung up on, and costs the gateway little memory',
    async (fault) => {
      await Promise.all(Array.from({ length: 4 }, () => askAll()));
      const before = peak();
      gates.ministry.clear();
      gates.ministry.fault = fault;
      for (const answer of await Promise.all(Array.from({ length: 4 }, () => askAll())))
        expectOnlyLost(answer, 'ministry', 'UNAVAILABLE');
      expect(peak() - before).toBeLessThan(120);
      const asked = gates.ministry.recorded.filter(({ path }) => path.endsWith('/graphql'));
      expect(asked).toHaveLength(4);
      if (fault !== 'gzip-bomb') await expect.poll(() => asked.every(({ cutAt }) => cutAt !== undefined)).toBe(true);
    },
  );
});

describe('a custodian that is slow', () => {
  it('is waited for until its deadline', async () => {
    gates.ministry.delay = DEADLINES.custodian / 2;
    const answer = await askAll();
    expect([answer.data, answer.errors]).toEqual([healthy.data, []]);
  });

  it('is not waited for beyond it', async () => {
    gates.ministry.delay = DEADLINES.custodian + 100;
    expectOnlyLost(await within(DEADLINES.custodian + SLACK, askAll()), 'ministry', 'TIMED_OUT');
  });

  it('cannot draw a request out beyond the request’s own deadline', async () => {
    const patient = await startGateway(
      { missing: gates.missing.url, ministry: gates.ministry.url },
      { deadlines: { ...DEADLINES, request: 1500, custodian: 1400 } },
    );
    try {
      gates.missing.delay = 800;
      gates.ministry.delay = 1200;
      const asked = ask(QUERY, { as: 'outage', variables: { ids: IDS }, gateway: patient.url });
      expectOnlyLost(await within(1500 + SLACK, asked), 'ministry', 'TIMED_OUT');
    } finally {
      await patient.stop();
    }
  });
});

describe('where the custodian fails that leads to the others', () => {
  it.each([
    ['silent', 'TIMED_OUT'],
    ['reset', 'UNAVAILABLE'],
    ['refuse', 'REFUSED'],
  ] as const)('(%s), what hangs on it is missing and said to be, and the rest is there', async (fault, status) => {
    gates.missing.fault = fault;
    gates.ministry.clear();
    const answer = await within(DEADLINES.custodian + SLACK, askAll());
    expect(answer.data).toEqual({ persons: null, collections: healthy.data.collections });
    expect(answer.errors).toMatchObject([{ path: ['persons'], extensions: { code: `CUSTODIAN_${status}` } }]);
    expect(statusOf(answer, 'missing')).toEqual({ custodian: 'missing', status, records: 0 });
    // Not asked: an answer without its records must not look like one in which it had none.
    expect(statusOf(answer, 'ministry')).toEqual({ custodian: 'ministry', status: 'UNAVAILABLE', records: 0 });
    expect(gates.ministry.wire()).toBe('');
    expectNothingSaid(answer);
  });
});

describe('a custodian that answers garbage', () => {
  const altered = async (
    change: (body: { data: { _entities: unknown[] } & Record<string, unknown>; errors?: unknown[] }) => unknown,
  ) => {
    gates.ministry.alter = (answer) => JSON.stringify(change(JSON.parse(answer)));
    return askAll();
  };

  it.each<[string, Parameters<typeof altered>[0]]>([
    ['fewer entities than were asked for', (body) => ({ data: { _entities: body.data._entities.slice(1) } })],
    [
      'more entities than were asked for',
      (body) => ({ data: { _entities: [...body.data._entities, body.data._entities[0]] } }),
    ],
    ['no entities', () => ({ data: { _entities: [] } })],
    ['a list for an answer', (body) => [body]],
    ['no data and no error', () => ({})],
    ['data that is a text', () => ({ data: 'psn_secret' })],
    ['errors that are no list', () => ({ data: null, errors: 'psn_secret' })],
  ])('%s: none of it is believed', async (_, change) => {
    expectOnlyLost(await altered(change), 'ministry', 'UNAVAILABLE');
  });

  it('an error without data, of a code that is nobody’s, is said in our own words', async () => {
    const errors = [
      {
        message: 'psn_secret at http://ministry.internal/',
        extensions: { code: 'PSN_SECRET', exception: { stacktrace: ['psn_secret'] } },
      },
    ];
    expectOnlyLost(await altered(() => ({ data: null, errors })), 'ministry', 'UNAVAILABLE');
  });

  it('an error at a field is said in our own words, at its path', async () => {
    const answer = await altered(({ data }) => {
      const [first] = data._entities as { certificates: unknown }[];
      if (first) first.certificates = null;
      const error = {
        message: 'psn_secret',
        path: ['_entities', 0, 'certificates'],
        extensions: { code: 'DATABASE', sql: 'psn_secret' },
      };
      return { data, errors: [error], extensions: { psn_secret: true } };
    });
    expect(answer.errors).toMatchObject([
      { path: ['persons', 0, 'certificates'], extensions: { code: 'CUSTODIAN_UNAVAILABLE' } },
    ]);
    expect(answer.data.persons[0].certificates).toBeNull();
    expect(answer.data.persons.slice(1)).toEqual(healthy.data.persons.slice(1));
    expectNothingSaid(answer);
  });

  it('a value that does not fit its type is null with a code, and its neighbours stay', async () => {
    const answer = await altered(({ data, ...rest }) => {
      const [first] = data._entities as { certificates: { nodes: Record<string, unknown>[] } }[];
      Object.assign(first?.certificates.nodes[0] ?? {}, { reference: { psn_secret: 1 }, disputed: 'psn_secret' });
      return { data, ...rest };
    });
    const [first, ...others] = answer.data.persons;
    expect(first.certificates.nodes[0]).toEqual({
      ...healthy.data.persons[0].certificates.nodes[0],
      reference: null,
      disputed: null,
    });
    expect(others).toEqual(healthy.data.persons.slice(1));
    expect(codesIn(answer)).toEqual(['CUSTODIAN_UNAVAILABLE']);
    expectNothingSaid(answer);
  });

  it('what was not asked for does not reach the viewer', async () => {
    const answer = await altered(({ data, ...rest }) => {
      for (const entity of data._entities as { certificates: object }[]) {
        Object.assign(entity, { psn_secret: 1, name: 'psn_secret' });
        Object.assign(entity.certificates, { psn_secret: [1], extra: { psn_secret: 'x' } });
      }
      return { data: { ...data, psn_secret: 1 }, ...rest, extensions: { psn_secret: 1 } };
    });
    expect([answer.data, answer.errors]).toEqual([healthy.data, []]);
    expect(answer.text).not.toContain('psn_secret');
  });

  it('entities of another type are not taken for persons', async () => {
    const answer = await altered(({ data, ...rest }) => ({
      data: {
        _entities: data._entities.map(() => ({
          __typename: 'DeathCertificate',
          id: 'psn_secret',
          reference: 'psn_secret',
        })),
      },
      ...rest,
    }));
    expect(answer.data.persons.map(({ certificates }: { certificates: unknown }) => certificates)).toEqual(
      IDS.map(() => null),
    );
    expect(answer.errors).not.toEqual([]);
    expectNothingSaid(answer);
  });
});

describe('where a custodian does not say what it grants', () => {
  async function asStranger(): Promise<Answer> {
    const as = await known();
    gates.ministry.clear();
    return within(DEADLINES.custodian + SLACK, askAll({ as }));
  }

  it.each(FAULTS)('(%s): not denied, not asked, and the rest is there', async (fault, _, status) => {
    await expectLostWhile(
      'ministry',
      status,
      () => void (gates.ministry.accessFault = fault),
      async () => {
        const answer = await asStranger();
        expect(gates.ministry.wire()).toBe('');
        return answer;
      },
    );
  });

  it('the answer of another custodian is not taken for its own', async () => {
    gates.ministry.accessFault = 'none';
    const until = new Date(Date.now() + 60_000).toISOString();
    const grants = [{ scopes: ['ministry:registered', 'ministry:identifying'], clears: [], until }];
    gates.ministry.alterAccess = () =>
      JSON.stringify({ custodian: 'missing', grants, otherPurpose: [], expired: [], askedAboutPersons: true });
    expectOnlyLost(await asStranger(), 'ministry', 'UNAVAILABLE');
  });

  it('grants that it makes up open nothing at another custodian', async () => {
    const as = 'outage-without-grants';
    const until = new Date(Date.now() + 60_000).toISOString();
    const scopes = ['missing:registered', 'missing:identifying', 'ministry:registered'];
    const grants = [{ scopes, clears: ['COORDINATED', 'FAMILY_FIRST'], until }];
    gates.ministry.alterAccess = () =>
      JSON.stringify({ custodian: 'ministry', grants, otherPurpose: [], expired: [], askedAboutPersons: true });
    gates.missing.clear();
    const query = '{ missingPersonReports { totalCount } deathCertificates { totalCount } }';
    const answer = await ask(query, { as, gateway: gateway.url });
    // Its own host withholds as well: nobody has granted the viewer anything.
    expect(answer.data).toEqual({ missingPersonReports: null, deathCertificates: null });
    expect(answer.withheld.map(({ custodian }) => custodian).toSorted()).toEqual(['ministry', 'missing']);
    expect(gates.missing.wire()).toBe('');
  });
});

it('with every custodian gone there is an answer still, which says so', async () => {
  for (const gate of Object.values(gates)) gate.fault = 'reset';
  const answer = await within(DEADLINES.custodian + SLACK, askAll());
  expect([answer.status, answer.data]).toEqual([200, { persons: null, collections: null }]);
  expect(answer.custodians.map(({ status }) => status)).toEqual(['UNAVAILABLE', 'UNAVAILABLE', 'UNAVAILABLE']);
  expect(codesIn(answer)).toEqual(['CUSTODIAN_UNAVAILABLE']);
  expectNothingSaid(answer);
});
