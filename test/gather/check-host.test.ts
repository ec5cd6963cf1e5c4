import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { stringify } from 'yaml';
import { digestOf } from '../../src/protocol/schema-verdict.ts';
import { type Outcome, runAmana } from '../cli/run-amana.ts';
import { settingsOf } from '../gateway/small-federation.ts';
import { type FederationWithHosts, NGO, startFederationWithHosts } from './federation-with-hosts.ts';

let federation: FederationWithHosts;
let config: readonly string[];
beforeAll(async () => {
  federation = await startFederationWithHosts(['ngo-a', 'ngo-b']);
  await federation.gateway.reload(federation.with('ngo-a', 'ngo-b'));
  const file = join(federation.directory, 'gateway.yaml');
  writeFileSync(file, stringify(federation.with('ngo-a', 'ngo-b')));
  config = ['--config', file];
  await vi.waitFor(() => expect(federation.operatorLog().split('a host is admitted')).toHaveLength(3), 10_000);
});
afterAll(() => federation.close());

const WEAKER = NGO.replace('[["ngo:identifying"]]', '[["ngo:registered"]]');
const LACKING = NGO.replace(/ {2}title: .*\n/u, '').replace('filter: PhotographFilter', '');

const write = (name: string, sdl: string): string => {
  writeFileSync(join(federation.directory, name), sdl);
  return name;
};
const amana = (...words: string[]): Promise<Outcome> => runAmana(words, { cwd: federation.directory });

describe('amana check of a schema that several custodians host', () => {
  test('without a gateway holds it against the contract, and names field by field what is lacking', async () => {
    write('lacking.graphql', LACKING);
    const { code, stdout } = await amana('check', 'lacking.graphql', '--subgraph', 'ngo', '--contract', 'ngo.graphql');
    expect(code).toBe(0);
    expect(stdout).toContain(`The schema ${digestOf(LACKING)} would be taken.`);
    expect(stdout).toMatch(/! {2}contract-served +Query\.photographs\(filter:\) is not served as the contract says/u);
    expect(stdout).toMatch(/^ +Photograph\.title is not served as the contract says/mu);
  });

  test('refuses one that guards less', async () => {
    write('weaker.graphql', WEAKER);
    const { code, stdout } = await amana('check', 'weaker.graphql', '--subgraph', 'ngo', '--contract', 'ngo.graphql');
    expect(code).toBe(1);
    expect(stdout).toMatch(/✗ {2}contract-guards +Photograph\.place needs ngo:identifying by the contract/u);
    expect(stdout).toContain('would not be taken');
  });

  test('tells of a contract that is none as of that', async () => {
    write('none.graphql', NGO.replace('@gather(rule: SUM)', ''));
    const { code, stderr } = await amana('check', 'ngo.graphql', '--contract', 'none.graphql');
    expect(code).toBe(1);
    expect(stderr).toMatch(/ngo: NgoArchive\.size: hosts may answer it differently/u);
  });

  test('asks a host by its address, beside the contract and what the gateway has of it', async () => {
    const { url } = settingsOf(federation.host('ngo-b'), 'ngo-b', 'ngo');
    const { code, stdout } = await amana('check', url, ...config);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/✓ {2}contract-served /u)]);
  });

  test('of a file wants to know whose it is', async () => {
    const { code, stderr } = await amana('check', 'lacking.graphql', '--subgraph', 'ngo', ...config);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/Several custodians host ngo\. Say with --custodian whose schema it is: .*ngo \(ngo-b, /u);
    const named = await amana('check', 'lacking.graphql', '--custodian', 'ngo-b', ...config, '--json');
    expect(named.code).toBe(0);
    const { checks } = JSON.parse(named.stdout);
    expect(checks.find(({ id }: { id: string }) => id === 'contract-served').findings).toHaveLength(2);
  });

  test('checks the other custodians beside the contract', async () => {
    write('ministry.graphql', federation.ministry.sdl);
    expect((await amana('check', 'ministry.graphql', ...config)).code).toBe(0);
    const clash = `${federation.ministry.sdl} type NgoArchive { size: Int }`;
    write('ministry.graphql', clash);
    const { code, stdout } = await amana('check', 'ministry.graphql', ...config);
    expect([code, stdout]).toEqual([1, expect.stringMatching(/NgoArchive\.size is a field on another's type/u)]);
  });
});
