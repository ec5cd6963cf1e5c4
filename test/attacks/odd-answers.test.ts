import { once } from 'node:events';
import { type AddressInfo, type Socket, createServer } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { type PlainFederation, startPlainFederation } from './plain-federation.ts';

/** A word of the subgraph's own, which is nowhere to be seen. */
const WORD = 'the-subgraphs-own-words';

let federation: PlainFederation;
let answer: (socket: Socket) => unknown;
const sockets = new Set<Socket>();
const server = createServer((socket) => {
  sockets.add(socket.on('error', () => {}));
  socket.on('data', () => answer(socket));
});

beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const odd =
    'scalar Any type Query { odd: String list: [Odd] int: Int float: Float any: Any needed: Int! } type Odd { name: String }';
  federation = await startPlainFederation(
    {
      odd: { sdl: odd },
      other: { sdl: 'type Query { other: Int }', resolvers: { Query: { other: () => 7 } } },
    },
    {
      change: (supergraph) =>
        supergraph.replace(/(graph\(name: "odd", url: ")[^"]*/u, `$1http://127.0.0.1:${port}/graphql`),
    },
  );
});
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
});
afterAll(async () => {
  await federation.close();
  server.close();
});

const GOOD = '{"data":{"odd":"good"}}';
const http = (head: string, body = ''): string => `HTTP/1.1 ${head}\r\n\r\n${body}`;
const json = (body: string, ...headers: string[]): string =>
  http(['200 OK', 'content-type: application/json', `content-length: ${body.length}`, ...headers].join('\r\n'), body);
const chunked = (chunks: string): string =>
  http('200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked', chunks);
const chunk = (text: string, extension = ''): string => `${text.length.toString(16)}${extension}\r\n${text}\r\n`;
const END = '0\r\n\r\n';
const ends =
  (text: string) =>
  (socket: Socket): void =>
    void socket.end(text);

const UNUSABLE: Readonly<Record<string, (socket: Socket) => void>> = {
  'nothing before it hangs up': ends(''),
  'another protocol': ends('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  'a body without a head': ends(GOOD),
  'a status that is none': ends(http('99 Odd\r\ncontent-length: 0')),
  'a status of its own': ends(http(`999 ${WORD}\r\ncontent-length: 0`)),
  'a protocol to go on in': ends(http('101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket')),
  'a protocol to go on in, without a name': ends(http('101 Switching Protocols')),
  'that it may go on': ends(http('100 Continue') + json(GOOD)),
  'another address': ends(http(`307 Moved\r\nlocation: http://127.0.0.1:9/${WORD}\r\ncontent-length: 0`)),
  'no content': ends(http('204 No Content\r\ncontent-type: application/json')),
  'what has not changed': ends(http('304 Not Modified\r\ncontent-type: application/json')),
  'less than it has said': ends(json(GOOD, 'content-length: 900')),
  'two lengths': ends(http(`200 OK\r\ncontent-length: 4\r\ncontent-length: ${GOOD.length}`, GOOD)),
  'a length, and pieces': ends(http('200 OK\r\ncontent-length: 4\r\ntransfer-encoding: chunked', chunk(GOOD) + END)),
  'pieces without an end': ends(chunked(chunk(GOOD))),
  'a piece longer than it says': ends(chunked(`4\r\n${GOOD}\r\n${END}`)),
  'a header of megabytes': ends(json(GOOD, `x: ${'x'.repeat(3_000_000)}`)),
  'a hundred thousand headers': ends(json(GOOD, ...Array.from({ length: 100_000 }, () => 'x: x'))),
  'as many headers after its body': ends(chunked(`${chunk(GOOD)}0\r\n${'x: x\r\n'.repeat(100_000)}\r\n`)),
  'something encoded': ends(json(GOOD, 'content-encoding: gzip')),
  'something encoded, and not': ends(json(GOOD, 'content-encoding: identity', 'content-encoding: br')),
  'an encoding before the answer': ends(http('103 Early Hints\r\ncontent-encoding: gzip') + json(GOOD)),
  'a type of its own': ends(json(GOOD).replace('application/json', `text/${WORD}`)),
  'half of it, before it breaks off': (socket) => {
    socket.write(json(GOOD).slice(0, -4), () => socket.resetAndDestroy());
  },
};

const ask = () => federation.ask('{ odd other }');

describe('an answer that is none over HTTP costs its own part, and neither the gateway nor the next one:', () => {
  test.each(Object.entries(UNUSABLE))('%s', async (_, odd) => {
    answer = odd;
    const { json: first, text } = await ask();
    expect(first.data).toEqual({ odd: null, other: 7 });
    expect(first.errors).toMatchObject([{ path: ['odd'], extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }]);
    expect(text).not.toContain(WORD);
    answer = ends(json(GOOD, 'connection: close'));
    expect((await ask()).json.data).toEqual({ odd: 'good', other: 7 });
  });
});

test.each<[string, string]>([
  ['hints before it', http(`103 Early Hints\r\nlink: ${WORD}\r\ncontent-type: text/html`) + json(GOOD)],
  ['headers after it', chunked(`${chunk(GOOD)}0\r\ncontent-encoding: gzip\r\n__proto__: x\r\n\r\n`)],
  ['pieces that have words of their own', chunked(chunk(GOOD, `;${WORD}=${'x'.repeat(100_000)}`) + END)],
  ['headers of the names of JavaScript', json(GOOD, '__proto__: x', 'constructor: x', 'toString: x')],
  ['more than it has said', `${json(GOOD)}{"data":{"odd":"${WORD}"}}`],
  ['another one with it', json(GOOD) + json(`{"data":{"odd":"${WORD}"}}`)],
  ['an offer of another protocol', json(GOOD, 'connection: upgrade', 'upgrade: h2c')],
])('an answer with %s is taken for what it is, and so is the next one', async (_, text) => {
  answer = (socket) => void socket.write(text);
  for (const { json: each } of [await ask(), await ask(), await ask()])
    expect(each).toMatchObject({ data: { odd: 'good', other: 7 } });
});

describe('an answer in many pieces', () => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');

  test('is one like any other', async () => {
    answer = (socket) => void socket.end(chunked(chunk(' ').repeat(100_000) + chunk(GOOD) + END));
    expect((await ask()).json.data).toEqual({ odd: 'good', other: 7 });
  });

  test('is none, where they are millions', async () => {
    answer = (socket) => void socket.end(chunked(chunk(' ').repeat(2_000_000) + chunk(GOOD) + END));
    const { json: told } = await ask();
    expect(told.data).toEqual({ odd: null, other: 7 });
    expect(told.errors).toMatchObject([{ path: ['odd'], extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }]);
  });

  test('takes no more room than in one, whatever came with each', async () => {
    const piece = Buffer.from(chunk(' ', `;${'x'.repeat(60_000)}`));
    const sent = Promise.withResolvers<Socket>();
    answer = async (socket) => {
      socket.write(chunked(''));
      for (let left = 2_000; left > 0; left -= 1) if (!socket.write(piece)) await once(socket, 'drain');
      sent.resolve(socket);
    };
    const before = process.memoryUsage().arrayBuffers;
    const asked = ask();
    const socket = await sent.promise;
    await vi.waitFor(() => {
      collect();
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(40 * 1024 * 1024);
    });
    socket.end(chunk(GOOD) + END);
    expect((await asked).json.data).toEqual({ odd: 'good', other: 7 });
  });
});

describe('a number that its type does not have', () => {
  test.each([
    ['int', '2147483648'],
    ['int', '-2147483649'],
    ['int', '9007199254740993'],
    ['int', '1e300'],
    ['int', '1e999'],
    ['int', '1.5'],
    ['float', '1e999'],
    ['float', '-1e999'],
    ['any', '1e999'],
    ['needed', '2147483648'],
  ])('is an error where it stands: %s, %s', async (field, number) => {
    answer = (socket) => void socket.write(json(`{"data":{"${field}":${number}}}`));
    const { json: told } = await federation.ask(`{ ${field} other }`);
    expect(told.data).toEqual(field === 'needed' ? null : { [field]: null, other: 7 });
    expect(told.errors).toMatchObject([{ path: [field], extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }]);
  });

  test.each([
    ['int', '2147483647', 2_147_483_647],
    ['int', '-2147483648', -2_147_483_648],
    ['int', '1e3', 1000],
    ['int', '-0', 0],
    ['float', '1.7976931348623157e308', Number.MAX_VALUE],
    ['any', '9007199254740991', Number.MAX_SAFE_INTEGER],
  ])('is none that it has: %s, %s', async (field, number, expected) => {
    answer = (socket) => void socket.write(json(`{"data":{"${field}":${number}}}`));
    const { json: told } = await federation.ask(`{ ${field} }`);
    expect(told).toMatchObject({ data: { [field]: expected } });
    expect(told.errors).toBeUndefined();
  });
});

test.each([
  ['["list", -5, "name"]'],
  ['["list", 0.5, "name"]'],
  ['["list", 2147483648, "name"]'],
  ['["list", 1e300, "name"]'],
  ['["list", 1e999, "name"]'],
  ['["list", "@", "name"]'],
  ['["list", "0", "name"]'],
  ['["list @", "name"]'],
  ['["list", null, "name"]'],
  ['["list", "name"]'],
  ['["list", 0, 0, "name"]'],
  ['["list", 0, "name", 0]'],
  ['[0, "list"]'],
])('an error at a place that is none, %s, is told without one', async (place) => {
  const errors = ['["list", 0, "name"]', place].map((path) => `{"message":"${WORD}","path":${path}}`);
  answer = (socket) => void socket.write(json(`{"data":{"list":[{"name":null}]},"errors":[${errors.join(',')}]}`));
  const { json: told, text } = await federation.ask('{ list { name } other }');
  expect(told.data).toEqual({ list: [{ name: null }], other: 7 });
  expect(told.errors.map(({ path }: { path: unknown }) => path)).toEqual([['list', 0, 'name'], undefined]);
  expect(text).not.toContain(WORD);
});
