import { afterEach, describe, expect, test, vi } from 'vitest';
import { pino } from 'pino';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { GatewayState, stateDirectory } from '../../src/gateway/change/gateway-state.ts';
import { serveGateway } from '../../src/gateway/serve-gateway.ts';
import { digestOf } from '../../src/protocol/schema-verdict.ts';
import { type Outcome, runAmana } from '../cli/run-amana.ts';
import { granted } from '../gateway/authorize.ts';
import type { Answer } from '../gateway/small-federation.ts';
import { type FederationWithHosts, NGO, startFederationWithHosts } from './federation-with-hosts.ts';

let federation: FederationWithHosts;
afterEach(() => federation.close());

const start = async (...ids: string[]): Promise<void> => {
  federation = await startFederationWithHosts(ids, {
    deadlines: { request: 30_000, custodian: 20_000, access: 4_000 },
  });
};

/** Replaces in a schema, and fails where there is nothing to replace. */
function changed(from: string, to: string, schema = NGO): string {
  expect(schema).toContain(from);
  return schema.replace(from, to);
}

const eventually = (check: () => unknown): Promise<unknown> => vi.waitFor(check, { timeout: 15_000, interval: 50 });
const take = (...ids: string[]) => federation.gateway.reload(federation.with(...ids));

const WEAKER = changed(
  'place: String @requiresScopes(scopes: [["ngo:identifying"]])',
  'place: String @requiresScopes(scopes: [["ngo:registered"]])',
);
const STRICTER = changed('[["ngo:identifying"]]', '[["ngo:identifying", "ngo:sealed"]]');
const WITHOUT_TITLE = NGO.replace(/ {2}title: .*\n/u, '');
const ARCHIVE = '{ archive { size names } }';
const STANDINGS =
  '{ custodians { id status schema { inForce lacks refused { digest state awaits findings { check message } } } } }';

const standing = async (id: string): Promise<Answer['json']> =>
  (await federation.ask(STANDINGS, { as: 'operator' })).json.data.custodians.find(
    (one: { id: string }) => one.id === id,
  );
const reported = ({ json }: Answer): unknown[] =>
  json.extensions.custodians.map((one: Answer['json']) => [one.custodian, one.status]);
const isInForce = (id: string, sdl = NGO): Promise<unknown> =>
  eventually(async () => {
    const { status, schema } = await standing(id);
    expect([status === 'ABSENT', schema?.inForce]).toEqual([false, digestOf(sdl)]);
  });
const taken = (): number => federation.operatorLog().split('"schemas have taken effect"').length - 1;

/** Asks without a pause until told to stop; answers everything that was answered. */
function askOn(query: string): () => Promise<Answer[]> {
  const stopping = new AbortController();
  const answers: Answer[] = [];
  const asking = Promise.all(
    Array.from({ length: 4 }, async () => {
      while (!stopping.signal.aborted) answers.push(await federation.ask(query));
    }),
  );
  return async () => {
    stopping.abort();
    await asking;
    return answers;
  };
}

const page = (after: string | null): Promise<Answer> =>
  federation.ask(
    'query ($after: String) { photographs(first: 1, after: $after) { nodes { id } pageInfo { endCursor } } }',
    {
      variables: { after },
    },
  );

/** Begins a walk; answers the cursor of its first page. */
const walk = async (): Promise<string> => (await page(null)).json.data.photographs.pageInfo.endCursor;

/** The hosts that the page after a cursor names as not whole. */
const namedAfter = async (cursor: string): Promise<string[]> =>
  (await page(cursor)).json.extensions.custodians.flatMap((one: Answer['json']) =>
    one.incomplete ? [one.custodian] : [],
  );

describe('hosts of a subgraph', () => {
  test('come and go while requests run, and none fails', async () => {
    await start('ngo-a', 'ngo-b', 'ngo-c');
    expect(await take('ngo-a', 'ngo-b')).toEqual({ taken: ['custodians', 'gathered', 'cursorKeyFile'], refused: [] });
    await isInForce('ngo-a');
    await isInForce('ngo-b');
    const before = taken();
    const stop = askOn(ARCHIVE);
    for (const ids of [
      ['ngo-a', 'ngo-b', 'ngo-c'],
      ['ngo-b', 'ngo-c'],
      ['ngo-c', 'ngo-a'],
      ['ngo-a', 'ngo-b'],
    ]) {
      expect((await take(...ids)).taken).toEqual(['custodians']);
      for (const id of ids) await isInForce(id);
    }
    const answers = await stop();
    expect(answers.length).toBeGreaterThan(10);
    for (const { json, status } of answers) {
      expect(status).toBe(200);
      expect(json.errors).toBeUndefined();
      expect(json.data.archive.names).not.toEqual([]);
    }
    // Neither who hosts nor what hosts serve is composed.
    expect(taken()).toBe(before);
    for (const id of ['ngo-a', 'ngo-b', 'ngo-c']) expect(federation.host(id).accessQuestions).toBeGreaterThan(0);
  });

  test('that come during a walk, or come back, are named as having missed the pages before', async () => {
    await start('ngo-a', 'ngo-b');
    await take('ngo-a');
    await isInForce('ngo-a');
    const alone = await walk();
    await take('ngo-a', 'ngo-b');
    await isInForce('ngo-b');
    expect(await namedAfter(alone)).toEqual(['ngo-b']);
    const both = await walk();
    expect(await namedAfter(both)).toEqual([]);
    await take('ngo-b');
    await take('ngo-a', 'ngo-b');
    await isInForce('ngo-a');
    expect(await namedAfter(both)).toEqual(['ngo-a']);
  });

  test('that come during a walk are named after a restart too, and those that were there when it began are not', async () => {
    await start('ngo-a', 'ngo-b', 'ngo-c');
    await take('ngo-a');
    await isInForce('ngo-a');
    const alone = await walk();
    await take('ngo-a', 'ngo-b');
    await isInForce('ngo-b');
    expect(await namedAfter(alone)).toEqual(['ngo-b']);
    const both = await walk();
    const [one, two, three] = [
      federation.with('ngo-a'),
      federation.with('ngo-a', 'ngo-b'),
      federation.with('ngo-a', 'ngo-b', 'ngo-c'),
    ];
    await federation.restart(() => Object.assign(federation.configuration, two));
    expect(await namedAfter(alone)).toEqual(['ngo-b']);
    expect(await namedAfter(both)).toEqual([]);
    // Known of, one that was away for a while is as new to the walk as one that was never there.
    await federation.gateway.reload(one);
    await federation.restart(() => Object.assign(federation.configuration, three));
    expect(await namedAfter(both)).toEqual(['ngo-b', 'ngo-c']);
    expect(await namedAfter(await walk())).toEqual([]);
  });

  test('that have been taken out finish what they were asked', async () => {
    await start('ngo-a', 'ngo-b');
    await take('ngo-a');
    await isInForce('ngo-a');
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    federation.host('ngo-a').answer = async () => {
      await held;
      return { data: { archive: { size: 7, names: ['ngo-a'] } } };
    };
    const underWay = federation.ask(ARCHIVE);
    await eventually(() => expect(federation.host('ngo-a').fetches).toHaveLength(1));
    await take('ngo-b');
    await isInForce('ngo-b');
    expect(reported(await federation.ask(ARCHIVE))).toEqual([['ngo-b', 'ANSWERED']]);
    release();
    expect((await underWay).json).toMatchObject({ data: { archive: { size: 7, names: ['ngo-a'] } } });
  });

  test('of which none is there yet leave the schema as it is, and are said to be unavailable', async () => {
    await start('ngo-a');
    federation.host('ngo-a').isAway = true;
    await take('ngo-a');
    const answer = await federation.ask(ARCHIVE);
    expect(answer.json.data).toEqual({ archive: null });
    expect(answer.json.errors[0].extensions.code).toBe('CUSTODIAN_UNAVAILABLE');
    expect(reported(answer)).toEqual([['ngo-a', 'UNAVAILABLE']]);
    federation.host('ngo-a').isAway = false;
    await isInForce('ngo-a');
    expect((await federation.ask(ARCHIVE)).json.data.archive.names).toEqual(['ngo-a']);
  });

  test('of which one is there start without one that never was, which comes later', async () => {
    await start('ngo-a', 'ngo-b');
    federation.host('ngo-b').isAway = true;
    Object.assign(federation.configuration, federation.with('ngo-a', 'ngo-b'), { startup: 40_000 });
    const before = Date.now();
    await federation.restart(() => {});
    expect(Date.now() - before).toBeLessThan(20_000);
    const answer = await federation.ask(ARCHIVE);
    expect(answer.json.data.archive).toEqual({ size: null, names: ['ngo-a'] });
    expect(answer.json.extensions.custodians).toContainEqual(
      expect.objectContaining({
        custodian: 'ngo-b',
        incomplete: [{ path: ['archive', 'size'], reason: 'NOT_COUNTED' }],
      }),
    );
    expect(new Map(reported(answer) as [string, string][]).get('ngo-b')).toBe('UNAVAILABLE');
    expect((await standing('ngo-b')).status).toBe('ABSENT');
    expect(federation.operatorLog()).toContain('the gateway starts without a custodian');
    federation.host('ngo-b').isAway = false;
    await isInForce('ngo-b');
    expect((await federation.ask(ARCHIVE)).json.data.archive.names).toEqual(['ngo-a', 'ngo-b']);
  });

  test('two custodians of a subgraph that is not gathered are refused, and a gathered one that nobody hosts', async () => {
    await start('ngo-a', 'ngo-b');
    const both = federation.with('ngo-a', 'ngo-b');
    await expect(federation.gateway.reload({ ...both, gathered: [] })).rejects.toThrow(
      "custodians: two have the subgraph 'ngo'. Name its contract under gathered.",
    );
    await expect(take()).rejects.toThrow("gathered: no custodian hosts the subgraph 'ngo'.");
    await expect(
      federation.gateway.reload({ ...both, gathered: [...both.gathered, ...both.gathered] }),
    ).rejects.toThrow("gathered: two have the subgraph 'ngo'.");
  });
});

describe('a host that guards less than the contract', () => {
  test('is not admitted, is told why, and costs the others nothing', async () => {
    await start('ngo-a', 'ngo-b');
    federation.host('ngo-a').sdl = WEAKER;
    await take('ngo-a', 'ngo-b');
    await isInForce('ngo-b');
    const finding = {
      check: 'contract-guards',
      message: 'Photograph.place needs ngo:identifying by the contract and would need ngo:registered',
    };
    await eventually(async () =>
      expect(await standing('ngo-a')).toMatchObject({
        status: 'ABSENT',
        schema: { inForce: null, refused: { digest: digestOf(WEAKER), state: 'REFUSED', findings: [finding] } },
      }),
    );
    await eventually(() =>
      expect(federation.host('ngo-a').verdicts).toMatchObject([{ verdict: 'REFUSED', findings: [finding] }]),
    );
    const answer = await federation.ask(ARCHIVE);
    expect(answer.json.data.archive.names).toEqual(['ngo-b']);
    expect(new Map(reported(answer) as [string, string][])).toEqual(
      new Map([
        ['ngo-b', 'ANSWERED'],
        ['ngo-a', 'UNAVAILABLE'],
      ]),
    );
    expect(federation.host('ngo-a').accessQuestions).toBe(0);
    expect(federation.host('ngo-a').fetches).toEqual([]);
  });

  test('stays with the schema that it had', async () => {
    await start('ngo-a');
    await take('ngo-a');
    await isInForce('ngo-a');
    const before = taken();
    federation.host('ngo-a').sdl = WEAKER;
    await eventually(async () => expect((await standing('ngo-a')).schema.refused?.state).toBe('REFUSED'));
    expect((await standing('ngo-a')).schema.inForce).toBe(digestOf(NGO));
    expect((await federation.ask(ARCHIVE)).json.data.archive.names).toEqual(['ngo-a']);
    expect(taken()).toBe(before);
  });

  test('but did itself is admitted once two have confirmed it', async () => {
    await start('ngo-a');
    const host = federation.host('ngo-a');
    host.sdl = STRICTER;
    await take('ngo-a');
    await isInForce('ngo-a', STRICTER);
    host.sdl = NGO;
    await eventually(async () =>
      expect((await standing('ngo-a')).schema.refused).toMatchObject({
        state: 'UNCONFIRMED',
        awaits: ['GATEWAY', 'CUSTODIAN'],
        findings: [{ check: 'guards-kept' }],
      }),
    );
    host.confirmed = digestOf(NGO);
    await new GatewayState(stateDirectory(federation.configuration)).confirm({
      custodian: 'ngo-a',
      from: digestOf(STRICTER),
      to: digestOf(NGO),
      by: 'test',
      at: new Date().toISOString(),
    });
    await isInForce('ngo-a');
  });
});

describe('a host that lacks something of the contract', () => {
  test('is admitted; the operator and the host itself are told of it, field by field', async () => {
    await start('ngo-a', 'ngo-b');
    federation.host('ngo-b').sdl = WITHOUT_TITLE;
    await take('ngo-a', 'ngo-b');
    await isInForce('ngo-a');
    await isInForce('ngo-b', WITHOUT_TITLE);
    expect((await standing('ngo-a')).schema.lacks).toEqual([]);
    expect(await standing('ngo-b')).toMatchObject({
      status: 'READY',
      schema: { lacks: ['Photograph.title'], refused: null },
    });
    await eventually(() =>
      expect(federation.host('ngo-b').verdicts).toMatchObject([
        {
          verdict: 'IN_FORCE',
          findings: [{ check: 'contract-served', message: 'Photograph.title is not served as the contract says' }],
        },
      ]),
    );
    federation.host('ngo-b').sdl = NGO;
    await isInForce('ngo-b');
    expect((await standing('ngo-b')).schema.lacks).toEqual([]);
    await eventually(() => expect(federation.host('ngo-b').verdicts.at(-1)).toMatchObject({ findings: [] }));
  });

  test('is known again after a restart', async () => {
    await start('ngo-a');
    federation.host('ngo-a').sdl = WITHOUT_TITLE;
    await take('ngo-a');
    await isInForce('ngo-a', WITHOUT_TITLE);
    Object.assign(federation.configuration, federation.with('ngo-a'));
    await federation.restart(() => (federation.host('ngo-a').isAway = true));
    expect((await standing('ngo-a')).schema).toMatchObject({
      inForce: digestOf(WITHOUT_TITLE),
      lacks: ['Photograph.title'],
    });
  });
});

describe('a contract', () => {
  const MOTTO = changed(
    'type Query {',
    'type Query { motto: String @requiresScopes(scopes: [["ngo:registered"]]) more: Int @requiresScopes(scopes: [["ngo:registered"]])',
  );
  const UNGUARDED = changed('title: String @requiresScopes(scopes: [["ngo:registered"]])', 'title: String');
  const elsewhere = () => ({
    ...federation.with('ngo-a'),
    log: { ...federation.configuration.log, directory: join(federation.directory, 'other') },
  });

  test.each([
    [
      'with fields whose rule cannot be told',
      MOTTO,
      /ngo\.graphql: no contract to gather by:\n {2}ngo: Query\.motto: hosts may .*\n {2}ngo: Query\.more: hosts may/u,
    ],
    ['that breaks a rule between custodians', UNGUARDED, /Photograph\.title needs no scope \[record-fields-guarded\]/u],
    ['that is no schema', 'type {', /its schema is not GraphQL/u],
  ])('%s keeps the gateway from starting, and changes nothing of one that runs', async (_, sdl, message) => {
    await start('ngo-a');
    await take('ngo-a');
    await isInForce('ngo-a');
    federation.writeContract(sdl);
    await expect(serveGateway(elsewhere(), pino({ level: 'silent' }))).rejects.toThrow(message);
    await expect(take('ngo-a')).rejects.toThrow(message);
    expect((await federation.ask(ARCHIVE)).json.data.archive.names).toEqual(['ngo-a']);
  });

  test('that is not there is told by its file', async () => {
    await start('ngo-a');
    const configuration = federation.with('ngo-a');
    const gathered = [{ subgraph: 'ngo', contractFile: '/nowhere/ngo.graphql' }];
    await expect(federation.gateway.reload({ ...configuration, gathered })).rejects.toThrow(
      '/nowhere/ngo.graphql: cannot be read. contractFile names a file with the contract of ngo.',
    );
  });

  test('that is changed in its file takes effect when that is read again, and hosts are held against it', async () => {
    await start('ngo-a', 'ngo-b');
    federation.host('ngo-b').sdl = STRICTER;
    await take('ngo-a', 'ngo-b');
    await isInForce('ngo-a');
    await isInForce('ngo-b', STRICTER);
    const asked = '{ archive { size weight } }';
    expect((await federation.ask(asked)).json.errors[0].extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
    const more = changed(
      'type NgoArchive {',
      'type NgoArchive { weight: Int @gather(rule: MAX) @requiresScopes(scopes: [["ngo:registered"]])',
      STRICTER,
    );
    federation.writeContract(more);
    expect(await take('ngo-a', 'ngo-b')).toEqual({ taken: ['gathered'], refused: [] });
    expect((await federation.ask(asked)).status).toBe(200);
    // What the one guards is too little now, and what the other lacks has become more.
    expect((await standing('ngo-a')).schema).toMatchObject({ inForce: null, refused: { state: 'REFUSED' } });
    expect((await standing('ngo-b')).schema).toMatchObject({
      inForce: digestOf(STRICTER),
      lacks: ['NgoArchive.weight'],
    });
    const sealed = changed('[["ngo:identifying"]]', '[["ngo:identifying", "ngo:sealed"]]');
    federation.writeContract(sealed);
    federation.host('ngo-a').sdl = STRICTER;
    await take('ngo-a', 'ngo-b');
    await isInForce('ngo-a', STRICTER);
    expect((await standing('ngo-b')).schema).toMatchObject({ inForce: digestOf(STRICTER), lacks: [], refused: null });
  });

  const LOOSER = changed(
    'place: String @requiresScopes(scopes: [["ngo:identifying"]])',
    'place: String @requiresScopes(scopes: [["ngo:identifying"], ["ngo:registered"]])',
  );
  const FINDING = 'Photograph.place needed ngo:identifying and would need ngo:identifying, or ngo:registered';
  const HELD = new RegExp(
    `ngo: ${FINDING}\\n {2}ngo: confirm that with "amana confirm --contract ngo --as gateway`,
    'u',
  );
  const place = '{ photographs { nodes { place } } }';
  const withheld = async (): Promise<unknown[]> => {
    federation.host('ngo-a').grants = [granted(['ngo:registered'])];
    return (await federation.ask(place, { as: 'registered' })).json.extensions.withheld ?? [];
  };

  test('that guards less takes effect only once the operator has confirmed that very one', async () => {
    await start('ngo-a');
    await take('ngo-a');
    await isInForce('ngo-a');
    federation.writeContract(LOOSER);
    await expect(take('ngo-a')).rejects.toThrow(HELD);
    expect(await withheld()).toMatchObject([{ coordinate: 'Photograph.place', requires: [['ngo:identifying']] }]);
    const config = join(federation.directory, 'gateway.yaml');
    writeFileSync(config, stringify(federation.with('ngo-a')));
    const confirm = (sdl: string): Promise<Outcome> => {
      const words = ['confirm', '--contract', 'ngo', '--as', 'gateway', '--digest', digestOf(sdl), '--config', config];
      return runAmana(words, { cwd: federation.directory });
    };
    expect(await confirm(NGO)).toMatchObject({ code: 2 });
    const confirmed = await confirm(LOOSER);
    expect([confirmed.code, confirmed.stdout]).toEqual([0, expect.stringContaining(FINDING)]);
    // What was confirmed is this contract alone.
    federation.writeContract(`${LOOSER}\n# another\n`);
    await expect(take('ngo-a')).rejects.toThrow(HELD);
    federation.writeContract(LOOSER);
    expect((await take('ngo-a')).taken).toEqual(['gathered']);
    // The host guards it still, by its own schema.
    expect(await withheld()).toEqual([]);
    federation.writeContract(NGO);
    await take('ngo-a');
    federation.writeContract(LOOSER);
    await expect(take('ngo-a')).rejects.toThrow(HELD);
  }, 60_000);

  test('that guards less, unconfirmed, is not in force after a restart either, in one step or in two', async () => {
    await start('ngo-a');
    await take('ngo-a');
    await isInForce('ngo-a');
    const configuration = federation.with('ngo-a');
    Object.assign(federation.configuration, configuration);
    federation.writeContract(LOOSER);
    await federation.restart(() => {});
    expect(federation.operatorLog()).toContain('a contract does not take effect');
    expect(await withheld()).toMatchObject([{ coordinate: 'Photograph.place', requires: [['ngo:identifying']] }]);
    federation.writeContract(
      NGO.replace(/ {2}place: String @r.*\n/u, '').replace(
        /place: String @g[^}]*/u,
        'a: Int @guardedBy(field: "Photograph.title") ',
      ),
    );
    expect((await federation.gateway.reload(configuration)).taken).toEqual(['gathered']);
    federation.writeContract(LOOSER);
    await federation.restart(() => {});
    expect((await federation.ask(place)).json.errors[0].extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
  });
});
