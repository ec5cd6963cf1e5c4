import { request } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type PlainFederation, startPlainFederation } from './plain-federation.ts';

const done: string[] = [];
let federation: PlainFederation;
beforeAll(async () => {
  federation = await startPlainFederation({
    archive: {
      sdl: 'type Query { open: String } type Mutation { forget: String }',
      resolvers: { Query: { open: () => 'open' }, Mutation: { forget: () => (done.push('forgotten'), 'forgotten') } },
    },
  });
});
afterAll(() => federation?.close());
beforeEach(() => {
  done.length = 0;
  federation.crossed();
});

const QUERY = encodeURIComponent('{ open }');
const MUTATION = JSON.stringify({ query: 'mutation { forget }' });
const SIMPLE = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'];

/** A request as no browser's `fetch` would let us send it. */
function raw(
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: string,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(`${federation.url}${path}`, { method, headers }, (response) => {
      textOf(response).then((text) => resolve({ status: response.statusCode ?? 0, text }), reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

describe('a page of another origin', () => {
  test.each([
    ...SIMPLE,
    'application/json',
    'application/graphql',
    'message/http',
    'text/plain; charset=utf-8; application/json',
    ', application/json',
    'application/json;',
    '\tapplication/json',
    'x',
    '',
  ])('asks nothing with GET and the content type "%s" (GHSA-9q82-xgwf-vj6h, GHSA-hff2-gcpx-8f4p)', async (type) => {
    for (const path of [`/graphql?query=${QUERY}`, `/graphql?query=${encodeURIComponent('mutation { forget }')}`]) {
      const { status, text } = await raw('GET', path, type === '' ? {} : { 'content-type': type });
      expect(status).toBe(405);
      expect(text).not.toContain('"open"');
    }
    expect(
      (
        await raw(
          'GET',
          '/graphql',
          { 'content-type': type || 'x', 'content-length': String(MUTATION.length) },
          MUTATION,
        )
      ).status,
    ).toBeGreaterThanOrEqual(400);
    expect(federation.crossed()).toEqual([]);
    expect(done).toEqual([]);
  });

  test.each(['HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('asks nothing with %s', async (method) => {
    const { status } = await raw(
      method,
      `/graphql?query=${QUERY}`,
      { 'content-type': 'application/json' },
      method === 'HEAD' ? undefined : MUTATION,
    );
    expect(status).toBeGreaterThanOrEqual(400);
    expect(federation.crossed()).toEqual([]);
  });

  test.each(SIMPLE)('asks nothing with POST and what a form may send, %s', async (type) => {
    expect((await raw('POST', '/graphql', { 'content-type': type }, MUTATION)).status).toBe(415);
    expect((await raw('POST', `/graphql?query=${QUERY}`, { 'content-type': type }, '')).status).toBeGreaterThanOrEqual(
      400,
    );
    expect(done).toEqual([]);
    expect(federation.crossed()).toEqual([]);
  });

  test('asks nothing with POST and no content type', async () => {
    expect((await raw('POST', '/graphql', {}, MUTATION)).status).toBe(415);
    expect(done).toEqual([]);
  });

  test('is told of no leave to ask, nor to read what is answered', async () => {
    const headers = {
      origin: 'https://evil.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type',
    };
    for (const method of ['OPTIONS', 'POST']) {
      const answer = await federation.send({
        method,
        headers: { ...headers, 'content-type': 'application/json' },
        ...(method === 'POST' && { body: JSON.stringify({ query: '{ open }' }) }),
      });
      expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
      expect(answer.headers.get('cross-origin-resource-policy')).toBe('same-origin');
    }
  });

  test('while the same is served as it should be sent', async () => {
    expect(
      JSON.parse((await raw('POST', '/graphql', { 'content-type': 'application/json' }, MUTATION)).text).data,
    ).toEqual({ forget: 'forgotten' });
    expect(done).toEqual(['forgotten']);
  });
});
