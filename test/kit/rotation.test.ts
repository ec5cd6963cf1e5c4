import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { AccessAnswer } from '../../src/protocol/access-answer.ts';
import type { Purpose } from '../../src/protocol/purposes.ts';
import { readSecret } from '../../src/protocol/read-configuration.ts';
import { pseudonym, readAccessLog } from '../../src/subgraphs/kit/access-log.ts';
import { grant } from '../../src/subgraphs/kit/grants.ts';
import { type CustodianProcess, type ServedCustodian, servedCustodian, testKey } from './served-custodian.ts';

const LIST =
  'query ($after: String) { deathCertificates(first: 1, after: $after) { nodes { id } pageInfo { endCursor } } }';

let custodian: ServedCustodian;
let running: CustodianProcess;
beforeAll(async () => {
  custodian = await servedCustodian('ministry', 'ministry');
  await grant(custodian.storage, {
    ...{ subject: 'analyst', organisation: 'commission', subjectKind: 'USER', recipientKind: 'NAMED_ORGANISATIONS' },
    ...{ scopes: ['ministry:registered'], purposes: ['IDENTIFICATION'], until: new Date(Date.now() + 86_400_000) },
    ...{ reason: 'a test', grantedBy: 'the test' },
  });
  for (const n of [1, 2, 3]) {
    await custodian.storage.query({
      sql: `insert into death_certificates (id, reference, label_set, labels, review_status, disputed, sort_key)
        values ($1, $1, 1, '{}', 'PRELIMINARY', false, $1)`,
      parameters: [`ministry:${n}`],
    });
  }
  running = await custodian.start();
});
afterAll(() => custodian?.close());
beforeEach(() => {
  custodian.pin(custodian.gatewayKey);
  custodian.configure();
});

const logged = (text: string): (() => number) => {
  const before = running.log.length;
  return () => running.log.slice(before).filter((line) => line.includes(text)).length;
};

/** Sends SIGHUP and waits for what the custodian says of it. */
async function hangUp(text: string): Promise<string> {
  const before = running.log.length;
  running.child.kill('SIGHUP');
  await expect.poll(() => running.log.slice(before).join('\n')).toContain(text);
  return running.log.slice(before).join('\n');
}

it('the gateway’s keys rotate: a new key is trusted as soon as it is pinned, an old one no longer once it is not', async () => {
  const next = await testKey('gateway-2');
  expect((await running.ask(LIST)).status).toBe(200);
  expect((await running.ask(LIST, { gatewayKey: next })).body.errors[0].extensions.code).toBe('CONTEXT_INVALID');
  custodian.pin(custodian.gatewayKey, next);
  for (const gatewayKey of [next, custodian.gatewayKey])
    expect((await running.ask(LIST, { gatewayKey })).status).toBe(200);
  custodian.pin(next);
  await expect.poll(async () => (await running.ask(LIST)).status, { timeout: 5_000 }).toBe(401);
  expect((await running.ask(LIST, { gatewayKey: next })).status).toBe(200);
});

it.each([
  ['half a file', '{"keys": ['],
  ['no keys', '{"keys": []}'],
  ['a key that is none', '{"keys": [{"kty": "EC", "crv": "P-256", "kid": "x", "x": "AA", "y": "AA"}]}'],
  ['nothing', undefined],
])('a key file with %s changes nothing, and the log says so once', async (_, content) => {
  await sleep(1_100);
  await running.ask(LIST);
  const said = logged("the gateway's keys stay those that were pinned before");
  const file = join(custodian.directory, 'gateway.jwks.json');
  if (content === undefined) rmSync(file);
  else writeFileSync(file, content);
  await sleep(1_100);
  for (let n = 0; n < 3; n += 1) expect((await running.ask(LIST)).status).toBe(200);
  await expect.poll(said).toBe(1);
});

it('a private key is not pinned', async () => {
  const file = join(custodian.directory, 'gateway.jwks.json');
  const { keys } = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(
    file,
    JSON.stringify({ keys: [{ ...keys[0], kid: 'stray', d: randomBytes(32).toString('base64url') }] }),
  );
  const stray = { ...(await testKey('stray')), privateKey: custodian.gatewayKey.privateKey };
  expect((await running.ask(LIST, { gatewayKey: stray })).status).toBe(401);
});

it('the provider’s keys rotate: tokens of the old key and of the new are taken, and of no other', async () => {
  const [old] = custodian.issuer.keys;
  const next = await testKey('provider-2');
  custodian.issuer.keys = [next, old!];
  // As long after the keys were read last as an unknown key's name has to wait.
  await sleep(5_100);
  expect((await running.ask(LIST)).status).toBe(200);
  custodian.issuer.keys = [old!, next];
  expect((await running.ask(LIST)).status).toBe(200);
  const stranger = await testKey('provider-3');
  const published = custodian.issuer.keys;
  custodian.issuer.keys = [{ ...stranger, publicJwk: old!.publicJwk }];
  expect((await running.ask(LIST)).status).toBe(401);
  custodian.issuer.keys = published;
});

it('cursor keys rotate and no walk ends: earlier cursors open for as long as their key is kept', async () => {
  const first = (await running.ask(LIST)).body.data.deathCertificates;
  const old = readSecret(join(custodian.directory, 'cursor.secret'));
  const fresh = randomBytes(32);
  custodian.writeSecrets('cursor', fresh, old);
  await hangUp('configuration and secrets were read again');
  const second = (await running.ask(LIST, { variables: { after: first.pageInfo.endCursor } })).body.data
    .deathCertificates;
  expect([first.nodes, second.nodes]).toEqual([[{ id: 'ministry:1' }], [{ id: 'ministry:2' }]]);
  custodian.writeSecrets('cursor', fresh);
  await hangUp('configuration and secrets were read again');
  const third = await running.ask(LIST, { variables: { after: second.pageInfo.endCursor } });
  expect(third.body.data.deathCertificates.nodes).toEqual([{ id: 'ministry:3' }]);
  const ended = await running.ask(LIST, { variables: { after: first.pageInfo.endCursor } });
  expect(ended.body.errors[0].extensions.code).toBe('CURSOR_INVALID');
});

it('the log key rotates: what is logged from then on stands under the new one', async () => {
  const old = readSecret(join(custodian.directory, 'log.secret'));
  const fresh = randomBytes(32);
  custodian.writeSecrets('log', fresh, old);
  await hangUp('configuration and secrets were read again');
  await running.ask(LIST);
  const [entry] = await readAccessLog(custodian.storage, { limit: 1 });
  expect(entry?.viewer).toBe(pseudonym(fresh, 'viewer', 'analyst'));
});

it('a secret that cannot be used changes nothing, and the log says why without showing it', async () => {
  const good = readSecret(join(custodian.directory, 'cursor.secret'));
  const first = (await running.ask(LIST)).body.data.deathCertificates;
  custodian.writeSecrets('cursor', Buffer.from('too short'));
  const said = await hangUp('all stays as it was');
  expect(said).toContain('a secret of at least 32 bytes in base64url is needed');
  expect(said).not.toContain(Buffer.from('too short').toString('base64url'));
  const next = await running.ask(LIST, { variables: { after: first.pageInfo.endCursor } });
  expect(next.body.data.deathCertificates.nodes).toEqual([{ id: 'ministry:2' }]);
  custodian.writeSecrets('cursor', good);
});

it('says for which purposes it agrees to be asked about persons, from the next question on, and for none at first', async () => {
  const isAsked = async (purpose: Purpose): Promise<boolean> => {
    const response = await fetch(`${running.url}/access`, { headers: await custodian.headers({ purpose }) });
    return AccessAnswer.parse(await response.json()).askedAboutPersons;
  };
  expect(await isAsked('IDENTIFICATION')).toBe(false);
  custodian.configure({ askedAboutPersons: ['IDENTIFICATION', 'COORDINATION'] });
  expect(await hangUp('were read again')).toContain('"taken":["askedAboutPersons"]');
  expect([await isAsked('IDENTIFICATION'), await isAsked('COORDINATION')]).toEqual([true, true]);
  expect([await isAsked('RESEARCH'), await isAsked('STATISTICS')]).toEqual([false, false]);
  custodian.configure({ askedAboutPersons: ['MARKETING'] });
  expect(await hangUp('all stays as it was')).toContain('askedAboutPersons.0');
  custodian.configure();
  await hangUp('were read again');
  expect(await isAsked('IDENTIFICATION')).toBe(false);
});

it('settings that may change are taken on SIGHUP, and of the others it is said that they are not', async () => {
  custodian.configure({ contact: 'new@custodian.example', listen: { host: '127.0.0.1', port: 1 }, logLevel: 'debug' });
  const said = await hangUp('restart for them');
  expect(said).toContain('"taken":["contact","logLevel"]');
  expect(said).toContain('"refused":["listen.port"]');
  custodian.configure({ nonsense: true });
  expect(await hangUp('all stays as it was')).toContain('nonsense');
  custodian.configure({ logLevel: 'error' });
  running.child.kill('SIGHUP');
  await expect
    .poll(async () => {
      const before = running.log.length;
      await running.ask('{ nothing }');
      return running.log.length - before;
    })
    .toBe(0);
});
