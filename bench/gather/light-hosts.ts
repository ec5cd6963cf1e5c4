import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { type ListRow, SPREADS, archiveOf } from './archive.ts';
import { answerParent } from './child.ts';
import { type LightQuestion, answerLightly } from './light-answers.ts';

/** Under which path a host answers after so long, in milliseconds, whatever it is asked. */
export const SLOW = 'slow';
const SLOWNESS = 2_000;

/** How many hosts there are to be. */
export interface HostsWanted {
  readonly hosts: number;
}

// A process of many hosts: each on a port of its own, with its rows of each spread under the spread's name as a path.
answerParent(async ({ hosts }: HostsWanted): Promise<readonly string[]> => {
  const [even = [], skewed = []] = SPREADS.map((spread) => archiveOf(hosts, spread));
  return Promise.all(even.map((rows, host) => start({ even: rows, slow: rows, skewed: skewed[host] ?? [] })));
});

/** Starts a host on a free port of 127.0.0.1; answers its address. */
async function start(byPath: Readonly<Record<string, readonly ListRow[]>>): Promise<string> {
  const server = createServer((request, response) => {
    const path = request.url?.split('/', 2)[1] ?? '';
    const rows = byPath[path] ?? [];
    if (path === SLOW) setTimeout(() => answer(rows, request, response), SLOWNESS);
    else answer(rows, request, response);
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
}

function answer(rows: readonly ListRow[], request: IncomingMessage, response: ServerResponse): void {
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (text: string) => (body += text));
  request.on('end', () => {
    const question: LightQuestion = JSON.parse(body);
    const answered = JSON.stringify(answerLightly(rows, question));
    response
      .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answered) })
      .end(answered);
  });
}
