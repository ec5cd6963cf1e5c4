import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse, stringify } from 'yaml';
import { digestOf } from '../../src/protocol/schema-verdict.ts';
import { printSubgraph } from '../../src/subgraphs/kit/build-schema.ts';
import { ngo } from '../../src/subgraphs/ngo/custodian.ts';
import { runAmana } from '../cli/run-amana.ts';
import { type Answer, type OwnGateway, ask, federation, give, settings, startGateway, withStorage } from './harness.ts';
import { type RecordingProxy, recordingProxy } from './recording-proxy.ts';

const COLLECTIONS = '{ collections { nodes { id } } }';
const CERTIFICATES = '{ deathCertificates(first: 1) { nodes { id } } }';
const STANDINGS = '{ custodians { id status schema { isReached inForce } } }';
const CHANGES = { startup: 4_000, schemaInterval: 300, operators: ['change'] };

let gate: RecordingProxy;
let port: number;
let gateway: OwnGateway;

const asked = (query: string): Promise<Answer> => ask(query, { as: 'change', gateway: gateway.url });
const eventually = (check: () => unknown): Promise<unknown> => vi.waitFor(check, { timeout: 20_000, interval: 100 });
const statusOf = async (id: string): Promise<unknown> =>
  (await asked(STANDINGS)).data.custodians.find((one: { id: string }) => one.id === id)?.status;
const operatorLog = (): string =>
  readFileSync(join(federation.directory, 'logs', `${gateway.log.split('/').at(-1)}.log`), 'utf8');
const hangUp = (change: (own: Record<string, unknown>) => string): void => {
  writeFileSync(`${gateway.log}.yaml`, change(parse(readFileSync(`${gateway.log}.yaml`, 'utf8'))));
  process.kill(gateway.pid, 'SIGHUP');
};

beforeAll(async () => {
  await give('ngo-a', 'change', ['registered'], { clears: ['COORDINATED', 'CONSENT_LIMITED'], organisation: 'ngo-a' });
  await give('ministry', 'change', ['registered']);
  gate = await recordingProxy(federation.custodians['ngo-a']);
  port = Number(new URL(gate.url).port);
  await gate.close();
  gateway = await startGateway({ 'ngo-a': gate.url }, CHANGES);
});
afterAll(async () => {
  await gateway?.stop();
  await gate?.close();
});

describe('a custodian whose port is closed', () => {
  it('is left out at the start, and taken in when it comes', async () => {
    expect(await statusOf('ngo-a')).toBe('ABSENT');
    expect((await asked(COLLECTIONS)).errors[0]?.extensions.code).toBe('CUSTODIAN_UNAVAILABLE');
    expect((await asked(CERTIFICATES)).errors).toEqual([]);
    gate = await recordingProxy(federation.custodians['ngo-a'], port);
    await eventually(async () => expect(await statusOf('ngo-a')).toBe('READY'));
    expect((await asked(COLLECTIONS)).data.collections.nodes).not.toEqual([]);
    await eventually(() =>
      expect(gate.recorded.find(({ path }) => path === '/ngo/schema/verdict')).toMatchObject({ status: 204 }),
    );
    // What has not changed is not sent again.
    await eventually(() => expect(gate.recorded.findLast(({ path }) => path === '/ngo/schema')?.status).toBe(304));
  });

  it('is served from its last schema by a gateway that was killed and started again', async () => {
    await gate.close();
    await gateway.kill();
    const started = await startGateway(
      { 'ngo-a': gate.url },
      { ...CHANGES, startup: 60_000, log: { ...(settings('gateway')['log'] as object), directory: gateway.log } },
    );
    gateway = { ...started, log: started.log };
    const answer = await asked(COLLECTIONS);
    expect(answer.custodians).toMatchObject([{ custodian: 'ngo-a', status: 'UNAVAILABLE' }]);
    expect((await asked(STANDINGS)).data.custodians.find((one: { id: string }) => one.id === 'ngo-a')).toMatchObject({
      status: 'UNAVAILABLE',
      schema: { isReached: false, inForce: digestOf(printSubgraph(ngo)) },
    });
    gate = await recordingProxy(federation.custodians['ngo-a'], port);
    await eventually(async () => expect((await asked(COLLECTIONS)).errors).toEqual([]));
  });
});

it("the gateway's key rotates at all custodians while requests run, and none fails", async () => {
  const keys = join(federation.directory, 'keys');
  const pinned = join(keys, 'gateway.jwks.json');
  const answers: Answer[] = [];
  const stopping = new AbortController();
  const asking = (async () => {
    while (!stopping.signal.aborted) {
      answers.push(await asked(CERTIFICATES), await asked(COLLECTIONS));
      await sleep(100);
    }
  })();
  const more = async (): Promise<unknown> => {
    const before = answers.length;
    return eventually(() => expect(answers.length).toBeGreaterThan(before + 6));
  };
  const turnTo = async (name: string): Promise<void> => {
    expect(await runAmana(['key', join(keys, name), '--add-to', pinned])).toMatchObject({ code: 0 });
    const taken = operatorLog().split('"taken":["signingKeyFile"]').length;
    hangUp((own) => stringify({ ...own, signingKeyFile: join(keys, `${name}.jwk.json`) }));
    await eventually(() => expect(operatorLog().split('"taken":["signingKeyFile"]').length).toBe(taken + 1));
    await more();
  };
  await turnTo('second');
  await turnTo('third');
  const { kid: old } = JSON.parse(readFileSync(join(keys, 'second.jwk.json'), 'utf8'));
  const { keys: all } = JSON.parse(readFileSync(pinned, 'utf8')) as { keys: { kid: string }[] };
  writeFileSync(`${pinned}.next`, JSON.stringify({ keys: all.filter(({ kid }) => kid !== old) }));
  renameSync(`${pinned}.next`, pinned);
  await sleep(1_500);
  await more();
  stopping.abort();
  await asking;
  for (const answer of answers) expect(answer.errors).toEqual([]);
});

describe('SIGHUP', () => {
  it('takes what is safe, and says in the log which settings need a restart', async () => {
    hangUp((own) =>
      stringify({
        ...own,
        issuer: 'urn:amana:another',
        gathered: [],
        custodians: (own['custodians'] as { id: string }[]).filter(({ id }) => id !== 'ngo-a'),
      }),
    );
    await eventually(async () => expect(await statusOf('ngo-a')).toBeUndefined());
    expect((await asked(COLLECTIONS)).errors[0]?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
    await eventually(() => expect(operatorLog()).toMatch(/"refused":\["issuer"\].*restart the gateway for them/u));
    expect((await asked(CERTIFICATES)).errors).toEqual([]);
  });

  it('changes nothing where the file cannot be used, and says why', async () => {
    hangUp((own) => stringify({ ...own, custodians: [], colour: 'blue' }));
    await eventually(() => expect(operatorLog()).toMatch(/all stays as it was/u));
    expect(operatorLog()).toContain('custodians');
    expect(operatorLog()).toMatch(/Unrecognized key[^\n]*colour/u);
    expect((await asked(CERTIFICATES)).errors).toEqual([]);
  });
});

it("a custodian's word that a schema may weaken guards is a row of its own database", async () => {
  const config = join(federation.directory, 'ngo-a.yaml');
  const confirm = (digest: string) =>
    runAmana(['confirm', 'ngo-a', '--as', 'custodian', '--digest', digest, '--by', 'officer', '--config', config]);
  const installed = digestOf(printSubgraph(ngo));
  expect(await confirm(digestOf('another'))).toMatchObject({ code: 2, stderr: expect.stringContaining(installed) });
  expect(await confirm(installed)).toMatchObject({ code: 0 });
  const kept = await withStorage('ngo-a', (storage) =>
    storage.query({ sql: 'select digest, confirmed_by from schema_confirmations', parameters: [] }),
  );
  expect(kept).toEqual([{ digest: installed, confirmed_by: 'officer' }]);
});
