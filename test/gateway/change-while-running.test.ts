import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { GatewayState, stateDirectory } from '../../src/gateway/change/gateway-state.ts';
import { digestOf } from '../../src/protocol/schema-verdict.ts';
import { MINISTRY, MISSING } from './schemas.ts';
import { type Answer, type SmallFederation, startSmallFederation } from './small-federation.ts';

let federation: SmallFederation;
afterEach(() => federation.close());

type Settings = Parameters<typeof startSmallFederation>[0] & {};

async function start(settings: Settings = {}): Promise<void> {
  federation = await startSmallFederation({
    deadlines: { request: 10_000, custodian: 1_000, access: 8_000 },
    ...settings,
    gateway: { schemaInterval: 100, startup: 700, ...settings.gateway },
  });
}

/** Replaces in a schema, and fails where there is nothing to replace. */
function changed(schema: string, from: string, to: string): string {
  expect(schema).toContain(from);
  return schema.replace(from, to);
}

const eventually = (check: () => unknown): Promise<unknown> => vi.waitFor(check, { timeout: 15_000, interval: 50 });

const CERTIFICATES = '{ certificates { nodes { id cause } } }';
const REPORTS = '{ reports { nodes { id } } }';
const STANDINGS =
  '{ custodians { id status schema { inForce since isReached refused { digest state awaits findings { check message } } } } }';

const guard = (scope: string): string => `@requiresScopes(scopes: [["ministry:${scope}"]])`;
const WITH_REMARK = changed(
  MINISTRY,
  '  disputed: Boolean @req',
  `  remark: String ${guard('medical')}\n  disputed: Boolean @req`,
);
const WITHOUT_GUARDED_FILTER = changed(MINISTRY, 'name: String @guardedBy(field: "Certificate.name")', 'name: String');
const NO_FEDERATION = changed(MINISTRY, 'interface Paper {', 'interface Paper { kept: String');
const WEAKER = changed(MINISTRY, '[["ministry:medical"]]', '[["ministry:medical"], ["ministry:registered"]]');

const logged = (message: string): Record<string, unknown>[] =>
  federation
    .operatorLog()
    .split('\n')
    .filter((line) => line.includes(JSON.stringify(message)))
    .map((line) => JSON.parse(line));

const standing = async (id: string, as = 'operator'): Promise<Answer['json']> =>
  (await federation.ask(STANDINGS, { as })).json.data.custodians.find((one: { id: string }) => one.id === id);

const codes = ({ json }: Answer): unknown[] =>
  (json.errors ?? []).map((error: Answer['json']) => error.extensions.code);

describe('a custodian that is not there', () => {
  test('of which nothing is known is left out, is said to be absent, and is taken in when it comes', async () => {
    await start({ prepare: ({ ministry }) => (ministry.isAway = true) });
    expect(codes(await federation.ask(CERTIFICATES))).toEqual(['GRAPHQL_VALIDATION_FAILED']);
    expect((await federation.ask(REPORTS)).json.data.reports.nodes).toEqual([{ id: 'missing:1' }]);
    expect(await standing('ministry', 'analyst')).toMatchObject({ status: 'ABSENT', schema: null });
    expect(await standing('missing', 'analyst')).toMatchObject({ status: 'READY', schema: null });
    expect(logged('the gateway starts without a custodian')).toMatchObject([{ custodian: 'ministry' }]);

    federation.ministry.isAway = false;
    await eventually(async () => expect((await standing('ministry')).status).toBe('READY'));
    expect((await federation.ask(CERTIFICATES)).json.data.certificates.nodes).toHaveLength(2);
  });

  test('is served from its last schema after a restart, and waited for no longer', async () => {
    await start({ gateway: { startup: 20_000 } });
    const started = Date.now();
    await federation.restart(() => (federation.ministry.isAway = true));
    expect(Date.now() - started).toBeLessThan(10_000);
    const answer = await federation.ask(CERTIFICATES);
    expect(answer.json.data).toEqual({ certificates: null });
    expect(answer.json.extensions.custodians).toMatchObject([{ custodian: 'ministry', status: 'UNAVAILABLE' }]);
    expect(await standing('ministry')).toMatchObject({
      status: 'UNAVAILABLE',
      schema: { inForce: digestOf(MINISTRY), isReached: false },
    });

    federation.ministry.isAway = false;
    await eventually(async () => expect((await standing('ministry')).schema.isReached).toBe(true));
    expect((await federation.ask(CERTIFICATES)).json.data.certificates.nodes).toHaveLength(2);
  });

  test('is served from the schema that the operator has given for it', async () => {
    await start({
      prepare: ({ ministry }) => (ministry.isAway = true),
      schemaFiles: { ministry: MINISTRY },
    });
    expect((await federation.ask(CERTIFICATES)).json.extensions.custodians).toMatchObject([
      { custodian: 'ministry', status: 'UNAVAILABLE' },
    ]);
    // What is given beforehand counts as in force: a schema that guards less does not take its place.
    federation.ministry.sdl = WEAKER;
    federation.ministry.isAway = false;
    await eventually(async () => expect((await standing('ministry')).schema.refused?.state).toBe('UNCONFIRMED'));
  });

  test('does not come back by a file that somebody has changed', async () => {
    await start();
    await expect(
      federation.restart(() => {
        const file = join(stateDirectory(federation.configuration), 'schemas', 'ministry.json');
        writeFileSync(file, readFileSync(file, 'utf8').replaceAll('ministry:medical', 'ministry:registered'));
      }),
    ).rejects.toThrow(/ministry\.json: not what the gateway writes there/u);
  });
});

describe('a changed schema', () => {
  test('takes effect without a restart, for requests that come from then on', async () => {
    await start();
    const asked = '{ certificates { nodes { remark } } }';
    expect(codes(await federation.ask(asked))).toEqual(['GRAPHQL_VALIDATION_FAILED']);
    federation.ministry.sdl = WITH_REMARK;
    await eventually(async () => expect((await federation.ask(asked)).json.errors).toBeUndefined());
    expect(await standing('ministry')).toMatchObject({ schema: { inForce: digestOf(WITH_REMARK), refused: null } });
    await eventually(() =>
      expect(federation.ministry.verdicts.at(-1)).toMatchObject({ verdict: 'IN_FORCE', digest: digestOf(WITH_REMARK) }),
    );
    await federation.restart(() => (federation.ministry.isAway = true));
    expect(codes(await federation.ask(asked))).not.toContain('GRAPHQL_VALIDATION_FAILED');
  });

  test('is asked for again and again, and sent only where it has changed', async () => {
    await start();
    const before = federation.ministry.schemaQuestions;
    await eventually(() => expect(federation.ministry.schemaQuestions).toBeGreaterThan(before + 3));
    expect(logged('schemas have taken effect')).toHaveLength(1);
  });

  test('is asked for as text, and as nothing else', async () => {
    const accepted: unknown[] = [];
    await start({
      prepare: ({ ministry }) =>
        ministry.server.server.on('request', ({ url, headers }) => {
          if (url?.endsWith('/schema')) accepted.push(headers.accept);
        }),
    });
    expect(new Set(accepted)).toEqual(new Set(['text/plain, application/graphql']));
  });

  test('is not that of a request which had begun before: that one keeps the schema it came with', async () => {
    await start();
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const { ministry } = federation;
    ministry.access = async () => {
      await held;
      return { custodian: 'ministry', grants: ministry.grants, otherPurpose: [], expired: [], askedAboutPersons: true };
    };
    ministry.answer = async () => ({ data: { certificates: { nodes: [{ id: 'ministry:1', cause: 'C' }] } } });
    const underWay = federation.ask(CERTIFICATES);
    await eventually(() => expect(ministry.accessQuestions).toBe(1));
    const without = MINISTRY.replaceAll(/ {2}cause: String @[^\n]*\n/gu, '');
    ministry.sdl = without;
    await eventually(() => expect(federation.operatorLog()).toContain(digestOf(without)));
    expect(codes(await federation.ask(CERTIFICATES))).toEqual(['GRAPHQL_VALIDATION_FAILED']);
    release();
    expect((await underWay).json).toMatchObject({ data: { certificates: { nodes: [{ cause: 'C' }] } } });
  });

  test.each([
    ['that breaks a rule between custodians', WITHOUT_GUARDED_FILTER, 'filters-guarded', 'CertificateFilter.name'],
    ['that Federation does not compose', NO_FEDERATION, 'composition', 'Paper.kept'],
    ['that is no GraphQL', 'type Query {', 'readable', 'its schema is not GraphQL'],
    ['that is too large', `${MINISTRY}#${'x'.repeat(300_000)}`, 'readable', 'too large'],
    [
      'that nobody can go through',
      `type Query { a: ${'['.repeat(50_000)}Int${']'.repeat(50_000)} }`,
      'readable',
      'cannot be read',
    ],
  ])('%s is not taken: the former stays, and operator and custodian are told why', async (_, sdl, check, why) => {
    await start();
    federation.ministry.sdl = sdl;
    await eventually(() => expect(federation.ministry.verdicts.at(-1)?.verdict).toBe('REFUSED'));
    const finding = { check, message: expect.stringContaining(why) };
    expect(federation.ministry.verdicts.at(-1)?.findings).toContainEqual(finding);
    expect((await standing('ministry')).schema).toMatchObject({
      inForce: digestOf(MINISTRY),
      refused: { digest: digestOf(sdl), state: 'REFUSED', findings: expect.arrayContaining([finding]) },
    });
    const questions = federation.ministry.schemaQuestions;
    await eventually(() => expect(federation.ministry.schemaQuestions).toBeGreaterThan(questions + 2));
    expect(logged('a schema does not take effect')).toMatchObject([{ custodian: 'ministry', verdict: 'REFUSED' }]);
    expect(federation.ministry.verdicts.filter(({ verdict }) => verdict === 'REFUSED')).toHaveLength(1);
    federation.ministry.sdl = MINISTRY;
    expect((await federation.ask('{ certificates { nodes { id name } } }')).json.errors).toBeUndefined();
    await eventually(async () => expect((await standing('ministry')).schema.refused).toBeNull());
  });

  test("of one custodian that is refused costs nobody else's change", async () => {
    await start();
    federation.ministry.sdl = WITHOUT_GUARDED_FILTER;
    federation.missing.sdl = changed(
      MISSING,
      '  name: String @req',
      '  alias: String @requiresScopes(scopes: [["missing:identifying"]])\n  name: String @req',
    );
    await eventually(async () =>
      expect((await federation.ask('{ reports { nodes { alias } } }')).json.errors).toBeUndefined(),
    );
    expect(await standing('ministry')).toMatchObject({
      schema: { inForce: digestOf(MINISTRY), refused: { state: 'REFUSED' } },
    });
  });

  test('of a type that two define takes effect once both have it', async () => {
    await start();
    const more = (sdl: string): string =>
      changed(sdl, 'endCursor: String }', 'endCursor: String startCursor: String }');
    federation.ministry.sdl = more(MINISTRY);
    await eventually(async () => expect((await standing('ministry')).schema.refused?.state).toBe('REFUSED'));
    federation.missing.sdl = more(MISSING);
    await eventually(async () =>
      expect(codes(await federation.ask('{ reports { pageInfo { startCursor } } }'))).toEqual([]),
    );
    expect((await standing('ministry')).schema.refused).toBeNull();
  });

  test('that makes the supergraph slow to compose stops no request', async () => {
    await start();
    const types = Array.from({ length: 1_500 }, (_, n) => `type X${n} { a${n}: String ${guard('medical')} }`);
    federation.ministry.sdl = `${MINISTRY}\n${types.join('\n')}`;
    let longest = 0;
    const until = Date.now() + 20_000;
    while (!federation.operatorLog().includes(digestOf(federation.ministry.sdl)) && Date.now() < until) {
      const asked = performance.now();
      expect((await federation.ask(REPORTS)).status).toBe(200);
      longest = Math.max(longest, performance.now() - asked);
    }
    expect(federation.operatorLog()).toContain(digestOf(federation.ministry.sdl));
    expect(longest).toBeLessThan(2_500);
  });
});

describe('a schema that weakens a guard', () => {
  const confirmAsOperator = (to: string): Promise<void> =>
    new GatewayState(stateDirectory(federation.configuration)).confirm({
      custodian: 'ministry',
      from: digestOf(MINISTRY),
      to: digestOf(to),
      by: 'test',
      at: new Date().toISOString(),
    });
  const awaits = async (): Promise<unknown> => (await standing('ministry')).schema.refused?.awaits;

  test('waits for the operator and the custodian; neither alone is enough', async () => {
    await start();
    federation.ministry.sdl = WEAKER;
    await eventually(async () => expect(await awaits()).toEqual(['GATEWAY', 'CUSTODIAN']));
    await eventually(() =>
      expect(federation.ministry.verdicts.at(-1)).toMatchObject({
        verdict: 'UNCONFIRMED',
        findings: [
          {
            check: 'guards-kept',
            message:
              'Certificate.cause needed ministry:medical and would need ministry:medical, or ministry:registered',
          },
        ],
      }),
    );
    federation.ministry.confirmed = digestOf(WEAKER);
    await eventually(async () => expect(await awaits()).toEqual(['GATEWAY']));

    federation.ministry.confirmed = digestOf(MINISTRY);
    await eventually(async () => expect(await awaits()).toEqual(['GATEWAY', 'CUSTODIAN']));
    await confirmAsOperator(WEAKER);
    await eventually(async () => expect(await awaits()).toEqual(['CUSTODIAN']));
    federation.ministry.grants = [{ ...federation.ministry.grants[0]!, scopes: ['ministry:registered'] }];
    const withheld = await federation.ask(CERTIFICATES, { as: 'somebody' });
    expect(withheld.json.data.certificates.nodes[0].cause).toBeNull();

    federation.ministry.confirmed = digestOf(WEAKER);
    await eventually(async () => expect(await awaits()).toBeUndefined());
    expect((await federation.ask(CERTIFICATES, { as: 'somebody' })).json.data.certificates.nodes[0].cause).toBe('C');
  });

  test('waits also where the field was taken away first, and a restart lies between', async () => {
    await start();
    const without = MINISTRY.replaceAll(/ {2}cause: String @[^\n]*\n/gu, '');
    federation.ministry.sdl = without;
    await eventually(async () => expect((await standing('ministry')).schema.inForce).toBe(digestOf(without)));
    await federation.restart();
    federation.ministry.sdl = WEAKER;
    await eventually(async () => expect(await awaits()).toEqual(['GATEWAY', 'CUSTODIAN']));
    federation.ministry.sdl = MINISTRY;
    await eventually(async () => expect((await standing('ministry')).schema.inForce).toBe(digestOf(MINISTRY)));
  });

  test('is not confirmed by what was confirmed of another, nor once more when it has been taken back', async () => {
    await start();
    await confirmAsOperator(MISSING);
    federation.ministry.sdl = WEAKER;
    federation.ministry.confirmed = digestOf(WEAKER);
    await eventually(async () => expect(await awaits()).toEqual(['GATEWAY']));
    await confirmAsOperator(WEAKER);
    await eventually(async () => expect((await standing('ministry')).schema.inForce).toBe(digestOf(WEAKER)));
    federation.ministry.sdl = MINISTRY;
    await eventually(async () => expect((await standing('ministry')).schema.inForce).toBe(digestOf(MINISTRY)));
    federation.ministry.sdl = WEAKER;
    await eventually(async () => expect(await awaits()).toEqual(['GATEWAY']));
    expect(readdirSync(join(stateDirectory(federation.configuration), 'confirmed'))).toEqual([]);
  });
});
