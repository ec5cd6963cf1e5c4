import { afterAll, beforeAll, expect, it } from 'vitest';
import { digestOf } from '../../src/protocol/schema-verdict.ts';
import { printSubgraph } from '../../src/subgraphs/kit/build-schema.ts';
import { confirmSchema } from '../../src/subgraphs/kit/schema-confirmations.ts';
import { ministry } from '../../src/subgraphs/ministry/custodian.ts';
import { type TemporaryCustodian, temporaryCustodian } from './temporary-custodian.ts';

let custodian: TemporaryCustodian;
beforeAll(async () => {
  custodian = await temporaryCustodian('ministry', ministry);
});
afterAll(() => custodian?.close());

const SDL = printSubgraph(ministry);
const DIGEST = digestOf(SDL);

async function schema(headers: Record<string, string> = {}): Promise<Response> {
  const credential = { 'amana-context': await custodian.schemaCredential() };
  return fetch(`${custodian.url}/ministry/schema`, { headers: { ...credential, ...headers } });
}

async function tell(body: string, headers?: Record<string, string>): Promise<number> {
  const credential = headers ?? { 'amana-context': await custodian.schemaCredential() };
  const told = { method: 'POST', body, headers: { 'content-type': 'application/json', ...credential } };
  return (await fetch(`${custodian.url}/ministry/schema/verdict`, told)).status;
}

it('the schema is sent once, and again only where it has changed', async () => {
  const first = await schema();
  expect(await first.text()).toBe(SDL);
  const again = await schema({ 'if-none-match': first.headers.get('etag') ?? '' });
  expect([again.status, await again.text()]).toEqual([304, '']);
  expect((await schema({ 'if-none-match': '"other"' })).status).toBe(200);
});

it('a schema is served as confirmed once the custodian has confirmed this one', async () => {
  await confirmSchema(custodian.storage, digestOf('another'), 'officer');
  expect((await schema()).headers.get('amana-schema-confirmed')).toBeNull();
  await confirmSchema(custodian.storage, DIGEST, 'officer');
  await confirmSchema(custodian.storage, DIGEST, 'somebody else');
  expect((await schema()).headers.get('amana-schema-confirmed')).toBe(DIGEST);
  expect((await schema({ 'if-none-match': `"${DIGEST}"` })).headers.get('amana-schema-confirmed')).toBe(DIGEST);
  const kept = await custodian.storage.query({
    sql: 'select confirmed_by from schema_confirmations where digest = $1',
    parameters: [DIGEST],
  });
  expect(kept).toEqual([{ confirmed_by: 'officer' }]);
});

it('hears from the gateway, and from nobody else, what became of the schema', async () => {
  const verdict = {
    digest: DIGEST,
    verdict: 'REFUSED',
    awaits: [],
    findings: [{ check: 'composition', message: 'it does not' }],
  };
  expect(await tell(JSON.stringify(verdict))).toBe(204);
  expect(await tell(JSON.stringify({ ...verdict, more: 1 }))).toBe(400);
  expect(await tell('{')).toBe(400);
  expect(await tell(JSON.stringify(verdict), {})).toBe(401);
  expect(await tell(JSON.stringify(verdict), await custodian.credentials())).toBe(401);
  expect(await tell(JSON.stringify({ ...verdict, findings: [{ check: 'x', message: 'y'.repeat(300_000) }] }))).toBe(
    413,
  );
});
