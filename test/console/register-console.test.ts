import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { registerConsole } from '../../src/console/register-console.ts';

const ISSUER = 'https://login.example/realms/amana';
const server = fastify();
registerConsole(server, {
  issuer: ISSUER,
  clientId: '</script>',
  audience: 'urn:amana:gateway',
  purposes: ['RESEARCH'],
});

const filesOf = (html: string): string[] => [...html.matchAll(/"(\/console\/[^"]+)"/gu)].map(([, path]) => path ?? '');

describe('the console, as served', () => {
  it('has a page that no cache keeps, no site frames, and that talks to itself and the provider only', async () => {
    for (const url of ['/', '/signed-in']) {
      const { headers, statusCode } = await server.inject(url);
      expect(statusCode).toBe(200);
      expect(headers).toMatchObject({
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        'content-type': 'text/html; charset=utf-8',
      });
      const policy = new Map(
        String(headers['content-security-policy'])
          .split('; ')
          .map((line) => [line.split(' ')[0], line.split(' ').slice(1)]),
      );
      expect(policy.get('default-src')).toEqual(["'none'"]);
      expect(policy.get('connect-src')).toEqual(["'self'", 'https://login.example']);
      expect(policy.get('frame-ancestors')).toEqual(["'none'"]);
      expect(policy.get('script-src')?.slice(0, 1)).toEqual(["'self'"]);
      expect(policy.get('script-src')).not.toContain("'unsafe-inline'");
      expect(policy.get('script-src')).not.toContain("'unsafe-eval'");
    }
  });

  it('allows of inline scripts exactly the import map it sends', async () => {
    const { body, headers } = await server.inject('/');
    const map = /<script type="importmap">(.*?)<\/script>/u.exec(body)?.[1] ?? '';
    expect(JSON.parse(map)).toHaveProperty('imports.oauth4webapi');
    const hash = createHash('sha256').update(map).digest('base64');
    expect(headers['content-security-policy']).toContain(`script-src 'self' 'sha256-${hash}';`);
  });

  it('puts its settings into the page as data that cannot end the element', async () => {
    const { body } = await server.inject('/');
    const settings = /<script id="settings" type="application\/json">(.*?)<\/script>/su.exec(body)?.[1] ?? '';
    expect(JSON.parse(settings)).toMatchObject({ issuer: ISSUER, clientId: '</script>', purposes: ['RESEARCH'] });
  });

  it('names files of its own only, each there under a name that changes with its content', async () => {
    const { body } = await server.inject('/');
    const paths = filesOf(body);
    expect(paths.length).toBeGreaterThanOrEqual(4);
    expect(body).not.toMatch(/(src|href)="https?:/u);
    for (const path of paths) {
      const plain = await server.inject(path);
      expect([path, plain.statusCode]).toEqual([path, 200]);
      expect(plain.headers['cache-control']).toContain('immutable');
      const packed = await server.inject({ url: path, headers: { 'accept-encoding': 'gzip' } });
      expect(packed.headers['content-encoding']).toBe('gzip');
      expect(gunzipSync(packed.rawPayload).equals(plain.rawPayload)).toBe(true);
      expect((await server.inject(path.replace(/^\/console\/[^/]+/u, '/console/older'))).statusCode).toBe(404);
    }
    expect((await server.inject('/console/x/..%2f..%2fpackage.json')).statusCode).toBe(404);
  });
});
