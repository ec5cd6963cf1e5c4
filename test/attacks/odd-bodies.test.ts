import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type PlainFederation, startPlainFederation } from './plain-federation.ts';

let federation: PlainFederation;
beforeAll(async () => {
  federation = await startPlainFederation({
    archive: {
      sdl: 'type Query { open(text: String): String secret: String @requiresScopes(scopes: [["secret"]]) } type Mutation { forget: String }',
      resolvers: {
        Query: { open: (_: unknown, { text }: { text?: string }) => text ?? 'open', secret: () => 'kept secret' },
      },
    },
  });
});
afterAll(() => federation?.close());
beforeEach(() => void federation.crossed());

const JSON_BODY = JSON.stringify({ query: '{ open }' });
const post = (body: RequestInit['body'] & {}, headers: Record<string, string> = {}) =>
  federation.send({ method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });

async function expectRefused(answer: ReturnType<typeof post>, status: number): Promise<void> {
  expect((await answer).status).toBe(status);
  expect(federation.crossed()).toEqual([]);
}

describe('a body that is not JSON', () => {
  test.each([
    ['application/x-www-form-urlencoded', `query=${encodeURIComponent('{ open }')}`],
    ['application/x-www-form-urlencoded', JSON_BODY],
    ['text/plain', JSON_BODY],
    ['text/plain; charset=application/json', JSON_BODY],
    ['text/json', JSON_BODY],
    ['application/json-patch+json', JSON_BODY],
    ['application/vnd.api+json', JSON_BODY],
    ['application/graphql', '{ open }'],
    ['application/json, text/plain', JSON_BODY],
    [
      'multipart/form-data; boundary=x',
      `--x\r\ncontent-disposition: form-data; name="operations"\r\n\r\n${JSON_BODY}\r\n--x--\r\n`,
    ],
  ])('is not taken as if it were (CVE-2025-64166): %s', async (type, body) => {
    await expectRefused(post(body, { 'content-type': type }), 415);
  });
});

describe('several operations in one request (GMS-2022-6226)', () => {
  test.each([
    `[${JSON_BODY}, ${JSON_BODY}]`,
    `[${JSON_BODY}]`,
    '[]',
    JSON.stringify({ query: ['{ open }', '{ secret }'] }),
    JSON.stringify({ 0: { query: '{ open }' }, length: 1 }),
    `${JSON_BODY}\n${JSON_BODY}`,
  ])('are refused, and so share nothing: %s', async (body) => {
    await expectRefused(post(body), 400);
  });

  test('as one document, are one that is named and no other', async () => {
    const query = 'query A { open } query B { secret open } mutation C { forget }';
    const { json } = await federation.send({
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, operationName: 'B' }),
    });
    expect(json.data).toEqual({ secret: null, open: 'open' });
    expect(federation.crossed().map((fetch) => fetch.query)).toEqual([expect.stringMatching(/^\{\s*open\s*\}$/u)]);
    await expectRefused(post(JSON.stringify({ query })), 400);
  });

  test('whose keys come twice are one request, whatever stands first', async () => {
    const { json } = await post('{"query": "{ secret }", "query": "{ open }"}');
    expect(json.data).toEqual({ open: 'open' });
  });
});

describe('a body in another charset (CVE-2026-23897)', () => {
  test.each([
    'utf-16',
    'utf-16le',
    'utf-32',
    'latin1',
    'utf-7',
    'us-ascii',
    'utf8',
    'utf-8; charset=utf-16',
    '',
    '"utf-8',
    "utf-8'",
  ])('is refused: %s', async (charset) => {
    await expectRefused(post(JSON_BODY, { 'content-type': `application/json; charset=${charset}` }), 415);
  });

  test.each<[string, Uint8Array]>([
    ['UTF-16 said to be UTF-8', Buffer.from(JSON_BODY, 'utf16le')],
    ['UTF-16 with a byte order mark', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(JSON_BODY, 'utf16le')])],
    [
      'bytes that are no UTF-8',
      Buffer.concat([Buffer.from('{"query": "{ open(text: \\"'), Buffer.from([0xc3, 0x28]), Buffer.from('\\") }"}')]),
    ],
    [
      'overlong UTF-8',
      Buffer.concat([Buffer.from('{"query": "{ open(text: \\"'), Buffer.from([0xc0, 0xae]), Buffer.from('\\") }"}')]),
    ],
    [
      'half a surrogate',
      Buffer.concat([
        Buffer.from('{"query": "{ open(text: \\"'),
        Buffer.from([0xed, 0xa0, 0x80]),
        Buffer.from('\\") }"}'),
      ]),
    ],
  ])('is refused: %s', async (_, body) => {
    await expectRefused(post(new Uint8Array(body)), 400);
  });

  test('but UTF-8 is read as what it is', async () => {
    const { json } = await post(JSON.stringify({ query: '{ open(text: "محمد 🕊") }' }), {
      'content-type': 'Application/JSON ; Charset="UTF-8"',
    });
    expect(json.data.open).toBe('محمد 🕊');
  });
});

describe('a compressed body (CVE-2024-28101)', () => {
  const bomb = Buffer.from(JSON.stringify({ query: '{ open }', variables: { x: ' '.repeat(50_000_000) } }));
  test.each<[string, Uint8Array]>([
    ['gzip', gzipSync(bomb)],
    ['gzip', gzipSync(JSON_BODY)],
    ['deflate', deflateSync(JSON_BODY)],
    ['br', brotliCompressSync(JSON_BODY)],
    ['identity, gzip', gzipSync(JSON_BODY)],
    ['zstd', Buffer.from(JSON_BODY)],
    ['identity', Buffer.from(JSON_BODY)],
  ])('is refused and never decompressed: %s', async (encoding, body) => {
    const before = process.memoryUsage().rss;
    await expectRefused(post(new Uint8Array(body), { 'content-encoding': encoding }), 415);
    expect(process.memoryUsage().rss - before).toBeLessThan(40_000_000);
  });

  test('and one that is too large is refused by its size', async () => {
    await expectRefused(post(JSON.stringify({ query: '{ open }', variables: { x: ' '.repeat(300_000) } })), 413);
    await expectRefused(post(JSON.stringify({ query: `{ open } #${' '.repeat(300_000)}` })), 413);
  });
});
