import { createHash } from 'node:crypto';
import { gzip } from 'node:zlib';
import { promisify } from 'node:util';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { type ConsoleFiles, loadConsoleFiles } from './load-console-files.ts';

/** What the console has to know of the federation that serves it. */
export interface ConsoleOptions {
  /** The OpenID provider's issuer, an `http:` or `https:` URL. */
  readonly issuer: string;
  /** The console's public client there; its redirect URI is `/signed-in` on this origin. */
  readonly clientId: string;
  /** The audience that access tokens are asked for (RFC 8707 §2, `resource`). */
  readonly audience: string;
  readonly purposes: readonly string[];
}

const compress = promisify(gzip);
const FOREVER = 'public, max-age=31536000, immutable';

/**
 * Adds the web console: GraphiQL at `/` with sign-in, purpose and a report of what was withheld, and `/signed-in`, where
 * sign-ins return to. Everything comes from this origin; the page keeps neither queries nor tokens.
 */
export function registerConsole(server: FastifyInstance, options: ConsoleOptions): void {
  let loading: Promise<ConsoleFiles> | undefined;
  // GraphiQL is 9 MB of text: read when somebody opens the console, not when the gateway starts.
  const load = (): Promise<ConsoleFiles> => (loading ??= loadConsoleFiles());

  const sendPage = async (reply: FastifyReply, name: 'console.html' | 'signed-in.html'): Promise<string> => {
    const { pages, version } = await load();
    const imports = JSON.stringify({ imports: { oauth4webapi: `/console/${version}/oauth4webapi.js` } });
    void reply
      .headers(securityHeaders(options.issuer, imports))
      .headers({ 'cache-control': 'no-store', 'content-type': 'text/html; charset=utf-8' });
    // The sign-in window must stay one that a script opened, or it could not close itself.
    if (name === 'console.html') void reply.header('cross-origin-opener-policy', 'same-origin-allow-popups');
    const settings = JSON.stringify(options).replaceAll('<', String.raw`\u003c`);
    const elements = `<script id="settings" type="application/json">${settings}</script>
    <script type="importmap">${imports}</script>`;
    return pages[name].replaceAll('%FILES%', `/console/${version}`).replace('<!-- settings -->', () => elements);
  };

  server.get('/', (_, reply) => sendPage(reply, 'console.html'));
  server.get('/signed-in', (_, reply) => sendPage(reply, 'signed-in.html'));

  const compressed = new Map<string, Promise<Buffer>>();
  server.get<{ Params: { version: string; name: string } }>('/console/:version/:name', async (request, reply) => {
    const { files, version } = await load();
    const { name } = request.params;
    const file = files.get(name);
    void reply.headers(securityHeaders(options.issuer));
    if (!file || request.params.version !== version) return reply.callNotFound();
    void reply.headers({ 'content-type': file.type, 'cache-control': FOREVER, vary: 'accept-encoding' });
    if (!/\bgzip\b/u.test(request.headers['accept-encoding'] ?? '')) return file.text;
    const body = compressed.get(name) ?? compress(file.text);
    compressed.set(name, body);
    return reply.header('content-encoding', 'gzip').send(await body);
  });
}

/** The editor writes style attributes, hence `unsafe-inline` for styles; scripts come from this origin only. */
function securityHeaders(issuer: string, inlineScript?: string): Record<string, string> {
  const hash = inlineScript && ` 'sha256-${createHash('sha256').update(inlineScript).digest('base64')}'`;
  return {
    'content-security-policy': [
      "default-src 'none'",
      `script-src 'self'${hash ?? ''}`,
      "style-src 'self' 'unsafe-inline'",
      "worker-src 'self'",
      `connect-src 'self' ${new URL(issuer).origin}`,
      "img-src 'self' data:",
      'font-src data:',
      "form-action 'none'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  };
}
