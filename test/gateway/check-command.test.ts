import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { stringify } from 'yaml';
import { stateDirectory } from '../../src/gateway/change/gateway-state.ts';
import { READABLE, SCHEMA_CHECKS } from '../../src/gateway/compose/schema-checks.ts';
import { digestOf } from '../../src/protocol/schema-verdict.ts';
import { type Outcome, runAmana } from '../cli/run-amana.ts';
import { MINISTRY, MISSING } from './schemas.ts';
import { type SmallFederation, startSmallFederation } from './small-federation.ts';

let federation: SmallFederation;
let config: string;
beforeAll(async () => {
  federation = await startSmallFederation({ gateway: { schemaInterval: 200 } });
  config = join(federation.directory, 'gateway.yaml');
  writeFileSync(config, stringify(federation.configuration));
});
afterAll(() => federation.close());

const write = (name: string, sdl: string): string => {
  writeFileSync(join(federation.directory, name), sdl);
  return name;
};
const amana = (...words: string[]): Promise<Outcome> => runAmana(words, { cwd: federation.directory });
const guard = (scope: string): string => `@requiresScopes(scopes: [["ministry:${scope}"]])`;
const WEAKER = MINISTRY.replace('[["ministry:medical"]]', '[["ministry:medical"], ["ministry:registered"]]');
const ministryUrl = (): string => federation.configuration.custodians[0]!.url;

describe('amana check, against files', () => {
  beforeAll(() => {
    write('ministry.graphql', MINISTRY);
    write('missing.graphql', MISSING);
  });
  const against = ['--against', 'ministry.graphql', 'missing.graphql'];

  test('takes a schema that keeps all rules, and names every check that the gateway runs', async () => {
    const { code, stdout } = await amana('check', 'ministry.graphql', ...against);
    expect(code).toBe(0);
    for (const { id } of [READABLE, ...SCHEMA_CHECKS]) expect(stdout).toMatch(new RegExp(`^✓  ${id} `, 'mu'));
    expect(stdout).toContain(`The schema ${digestOf(MINISTRY)} would be taken.`);
  });

  test('names the check and the coordinate that refuse one', async () => {
    write('wrong.graphql', MINISTRY.replace('name: String @guardedBy(field: "Certificate.name")', 'name: String'));
    const { code, stdout } = await amana('check', 'wrong.graphql', '--subgraph', 'ministry', ...against);
    expect(code).toBe(1);
    expect(stdout).toMatch(/✗ {2}filters-guarded +ministry: CertificateFilter\.name is not @guardedBy a field/u);
    expect(stdout).toMatch(/- {2}composition /u);
  });

  test('says of a weakened guard who has to confirm it', async () => {
    write('weaker.graphql', WEAKER);
    const { code, stdout } = await amana('check', 'weaker.graphql', '--subgraph', 'ministry', ...against, '--json');
    expect(code).toBe(1);
    const told = JSON.parse(stdout);
    expect(told).toMatchObject({ taken: false, awaits: ['GATEWAY', 'CUSTODIAN'], digest: digestOf(WEAKER) });
    expect(told.checks.filter((check: { outcome: string }) => check.outcome === 'FOUND')).toMatchObject([
      { id: 'guards-kept', findings: [{ subgraph: 'ministry' }] },
    ]);
  });

  test.each([
    ['a supergraph', ['check', 'ministry.graphql', '--against', 'super.graphql'], /is a supergraph/u],
    ['an address against files', ['check', 'http://127.0.0.1:1', ...against], /leave --against out/u],
  ])('%s is wrong usage', async (_, words, why) => {
    write('super.graphql', 'enum join__Graph { A }');
    const { code, stderr } = await amana(...words);
    expect(code).toBe(2);
    expect(stderr).toMatch(why);
  });
});

describe('amana check, against a gateway', () => {
  test('asks a custodian for its schema as the gateway does', async () => {
    const { code, stdout } = await amana('check', ministryUrl(), '--config', config);
    expect(stdout).toContain(`The schema ${digestOf(MINISTRY)} would be taken.`);
    expect(code).toBe(0);
    expect((await amana('check', 'http://127.0.0.1:1', '--config', config)).code).toBe(2);
  });

  test(
    'tells what would change for what was asked lately, of which neither values nor words of the client are kept',
    { timeout: 90_000 },
    async () => {
      const secret = 'Zaytoun';
      await federation.ask(
        `query ${secret}($${secret}: String) { ${secret}: certificates(filter: { name: "${secret}" }) { nodes { id ...${secret} } }
        other: certificates(filter: { cause: $${secret} }) { nodes { id } } }
       fragment ${secret} on Certificate { title cause }`,
        { variables: { [secret]: secret } },
      );
      await federation.restart();
      const kept = readFileSync(join(stateDirectory(federation.configuration), 'operations.json'), 'utf8');
      expect(kept).toContain('title');
      expect(kept).not.toContain(secret);

      write('without.graphql', MINISTRY.replaceAll(/ {2}cause: String @[^\n]*\n/gu, ''));
      const without = await amana('check', 'without.graphql', '--subgraph', 'ministry', '--config', config);
      expect(without.stdout).toMatch(/! {2}operations +Certificate\.cause would be gone: 1 of the operations kept/u);
      expect(without.code).toBe(0);

      write(
        'narrower.graphql',
        MINISTRY.replace(`title: String ${guard('registered')}`, `title: String ${guard('sealed')}`),
      );
      const narrower = await amana('check', 'narrower.graphql', '--subgraph', 'ministry', '--config', config);
      expect(narrower.stdout).toMatch(/! {2}operations +Certificate\.title would need other scopes/u);
    },
  );

  test('what waits is confirmed by "amana confirm", by its digest', { timeout: 90_000 }, async () => {
    federation.ministry.sdl = WEAKER;
    await vi.waitFor(() => expect(federation.ministry.verdicts.at(-1)?.verdict).toBe('UNCONFIRMED'), 15_000);
    const confirm = (digest: string): Promise<Outcome> =>
      amana('confirm', 'ministry', '--as', 'gateway', '--digest', digest, '--config', config);
    expect(await confirm(digestOf(MISSING))).toMatchObject({ code: 2 });
    expect((await amana('check', ministryUrl(), '--config', config)).stdout).toContain(
      'the operator of the gateway, the custodian.',
    );
    const confirmed = await confirm(digestOf(WEAKER));
    expect(confirmed.stdout).toContain('Certificate.cause needed ministry:medical');
    expect(confirmed.code).toBe(0);
    await vi.waitFor(() => expect(federation.ministry.verdicts.at(-1)?.awaits).toEqual(['CUSTODIAN']), 15_000);
    expect((await amana('check', ministryUrl(), '--config', config)).stdout).toContain('by: the custodian.');
    federation.ministry.confirmed = digestOf(WEAKER);
    await vi.waitFor(() => expect(federation.ministry.verdicts.at(-1)?.verdict).toBe('IN_FORCE'), 15_000);
    expect(await confirm(digestOf(WEAKER))).toMatchObject({ code: 2 });
  });
});
