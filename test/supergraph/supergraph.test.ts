import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type RunningCommand,
  type TokenIssuer,
  composeFile,
  logOf,
  runGateway,
  temporaryDirectory,
  tokenIssuer,
  writeIn,
} from './run-gateway.ts';
import { SECRET_FAULT, type Shop, openShop } from './shop.ts';

const POLICIES = `
const seen = [];
export async function policies({ headers, claims, policies }) {
  console.error('policies asked: ' + JSON.stringify({ policies, viewer: claims?.sub ?? null, team: headers['x-team'] ?? null }));
  if (headers['x-team'] === 'throws') throw new Error('no');
  if (headers['x-team'] === 'odd') return { everything: true };
  if (headers['x-team'] === 'late') await new Promise((resolve) => setTimeout(resolve, 2000));
  if (headers['x-team'] === 'staff') return new Set(['staff', 'moderator', 'never-asked']);
  return claims?.sub === 'moderator' ? ['moderator'] : [];
}
`;

const directory = temporaryDirectory();
let shop: Shop;
let issuer: TokenIssuer;
let gateway: RunningCommand;

beforeAll(async () => {
  shop = await openShop();
  issuer = await tokenIssuer(directory);
  gateway = await runGateway(directory, [
    '--supergraph',
    composeFile(directory, shop.subgraphs),
    '--jwks',
    issuer.jwksFile,
    '--audience',
    'shop',
    '--policies',
    writeIn(directory, 'policies.mjs', POLICIES),
    '--forward-header',
    'X-Team',
    '--log',
    'log',
  ]);
});
afterAll(async () => {
  await gateway?.stop();
  await shop?.close();
});
beforeEach(() => {
  shop.fetched();
  shop.done.length = 0;
});

const tokenWith = (claims: Record<string, unknown> = {}): Promise<string> => issuer.token({ aud: 'shop', ...claims });

describe('everything that Federation plans is answered', () => {
  test('entities by simple, nested and second keys, with what one subgraph needs of another', async () => {
    const { json } = await gateway.ask(`{
      topProducts { upc name inStock shipping weight maker { country } reviews { text author { name email reviews { id } } } }
    }`);
    expect(json.data).toEqual({
      topProducts: [
        {
          upc: 'p1',
          name: 'Table',
          inStock: true,
          shipping: 10,
          weight: 11,
          maker: { country: 'DE' },
          reviews: [
            { text: 'Solid.', author: { name: 'Ada', email: null, reviews: [{ id: 'r1' }] } },
            { text: 'Creaks.', author: { name: 'Bob', email: null, reviews: [{ id: 'r2' }] } },
          ],
        },
        { upc: 'p2', name: 'Chair', inStock: false, shipping: 4, weight: 22, maker: { country: 'DE' }, reviews: [] },
      ],
    });
    expect(json.errors).toBeUndefined();
    expect(json.extensions).toEqual({ requestId: expect.any(String), withheld: [expect.anything()] });
  });

  test('what is provided where it is asked for is not fetched elsewhere', async () => {
    const { json } = await gateway.ask('{ reviews { author { name } } }');
    expect(json.data.reviews).toEqual([{ author: { name: 'Ada' } }, { author: { name: 'Bob' } }]);
    expect(shop.asked()).toEqual(['reviews']);
  });

  test('interfaces, unions, and fields that a subgraph adds to an interface without knowing its types', async () => {
    const { json } = await gateway.ask(`{
      media { __typename id title stars ... on Film { minutes } }
      node(id: "f1") { __typename id ... on Media { stars } }
    }`);
    expect(json).toMatchObject({
      data: {
        media: [
          { __typename: 'Book', id: 'b1', title: 'Dune', stars: 5 },
          { __typename: 'Film', id: 'f1', title: 'Heat', stars: 3, minutes: 170 },
        ],
        node: { __typename: 'Film', id: 'f1', stars: 3 },
      },
    });
    expect(json.errors).toBeUndefined();
  });

  test('arguments, variables, aliases and fragments', async () => {
    const { json } = await gateway.ask(
      'query Top($n: Int!, $no: Boolean!) { a: topProducts(first: $n) { ...P } b: topProducts(first: 0) { upc } } fragment P on Product { c: code name @skip(if: $no) }',
      { variables: { n: 1, no: true } },
    );
    expect(json.data).toEqual({ a: [{ c: 'T' }], b: [] });
    const skipped = await gateway.ask(
      'query ($no: Boolean!) { users { name @skip(if: $no) } reviews @include(if: false) { id } }',
      {
        variables: { no: true },
      },
    );
    expect(skipped.json.data).toEqual({ users: [{}, {}] });
  });

  test('what is inaccessible is not in the schema, and a subscription is not served', async () => {
    expect((await gateway.ask('{ users { internal } }')).json.errors[0].extensions.code).toBe(
      'GRAPHQL_VALIDATION_FAILED',
    );
    expect((await gateway.ask('subscription { users { id } }')).status).toBe(400);
  });

  test('mutations run one after the other, in the order of the document, across subgraphs', async () => {
    const { json } = await gateway.ask(`mutation {
      a: rename(id: "u2", name: "Rob") { name reviews { id } }
      addReview(text: "Fine.") { id text }
      b: rename(id: "u1", name: "Eda") { name }
      addProduct(upc: "p9") { upc inStock }
    }`);
    expect(json).toMatchObject({
      data: {
        a: { name: 'Rob', reviews: [{ id: 'r2' }] },
        addReview: { id: 'r3', text: 'Fine.' },
        b: { name: 'Eda' },
        addProduct: { upc: 'p1', inStock: true },
      },
    });
    expect(shop.done).toEqual(['rename u2 Rob', 'addReview Fine.', 'rename u1 Eda', 'addProduct p9']);
  });
});

describe('what is guarded', () => {
  const EVERYTHING = `{
    me { name }
    users { name email born level }
    media { title ... on Book { pages remarks } }
    topProducts(first: 1) { cost margin }
  }`;
  const GUARDED = ['me', 'email', 'born', 'level', 'pages', 'remarks', 'cost', 'margin'];
  const guardedIn = (fetched: string): string[] =>
    GUARDED.filter((name) => new RegExp(`\\b${name}\\b`, 'u').test(fetched));

  test('is neither answered to the anonymous nor asked for, and each cut is told', async () => {
    const { status, json } = await gateway.ask(EVERYTHING);
    expect(status).toBe(200);
    expect(json.data).toEqual({
      me: null,
      users: [
        { name: 'Ada', email: null, born: null, level: null },
        { name: 'Bob', email: null, born: null, level: null },
      ],
      media: [{ title: 'Dune', pages: null, remarks: null }, { title: 'Heat' }],
      topProducts: [{ cost: null, margin: null }],
    });
    expect(json.errors).toBeUndefined();
    expect(guardedIn(shop.fetched())).toEqual([]);
    expect(json.extensions.withheld).toEqual([
      { path: ['me'], coordinate: 'Query.me', requires: [], reason: 'UNAUTHENTICATED' },
      {
        path: ['users', '@', 'email'],
        coordinate: 'User.email',
        requires: [['user:email', 'user:read'], ['admin']],
        reason: 'UNAUTHENTICATED',
      },
      { path: ['users', '@', 'born'], coordinate: 'User.born', requires: [], reason: 'UNAUTHENTICATED' },
      { path: ['users', '@', 'level'], coordinate: 'User.level', requires: [], reason: 'POLICY' },
      { path: ['media', '@', 'pages'], coordinate: 'Book.pages', requires: [['pages']], reason: 'UNAUTHENTICATED' },
      { path: ['media', '@', 'remarks'], coordinate: 'Book.remarks', requires: [], reason: 'UNAUTHENTICATED' },
      {
        path: ['topProducts', '@', 'cost'],
        coordinate: 'Product.cost',
        requires: [['cost']],
        reason: 'UNAUTHENTICATED',
      },
      {
        path: ['topProducts', '@', 'margin'],
        coordinate: 'Product.margin',
        requires: [['cost']],
        reason: 'UNAUTHENTICATED',
      },
    ]);
  });

  test('is answered to who may see it, by any of the lists of scopes', async () => {
    const token = await tokenWith({ scope: 'pages user:email user:read cost' });
    const { json } = await gateway.ask(EVERYTHING, { token, headers: { 'x-team': 'staff' } });
    expect(json.data).toEqual({
      me: { name: 'Ada' },
      users: [
        { name: 'Ada', email: 'ada@shop.example', born: '1815-12-10', level: 'HIGH' },
        { name: 'Bob', email: 'bob@shop.example', born: '1990-01-01', level: 'LOW' },
      ],
      media: [{ title: 'Dune', pages: 600, remarks: 'between us' }, { title: 'Heat' }],
      topProducts: [{ cost: 60, margin: 40 }],
    });
    expect(json.extensions.withheld).toEqual([]);
    expect(guardedIn(shop.fetched())).toEqual(GUARDED);
  });

  test('needs every scope of a list, and scopes may come as a list', async () => {
    const half = await gateway.ask('{ users { email } }', { token: await tokenWith({ scope: 'user:email' }) });
    expect(half.json.data.users[0]).toEqual({ email: null });
    expect(half.json.extensions.withheld[0].reason).toBe('NO_GRANT');
    const admin = await gateway.ask('{ users { email } }', { token: await tokenWith({ scope: ['admin'] }) });
    expect(admin.json.data.users[0]).toEqual({ email: 'ada@shop.example' });
    const odd = await gateway.ask('{ users { email } }', { token: await tokenWith({ scope: { admin: true } }) });
    expect(odd.json.data.users[0]).toEqual({ email: null });
  });

  test('may join, where it is a key, and still is not returned, under any name', async () => {
    const { json } = await gateway.ask('{ users { username reviews { id } } }');
    expect(json.data.users).toEqual([
      { username: null, reviews: [{ id: 'r1' }] },
      { username: null, reviews: [{ id: 'r2' }] },
    ]);
    expect(shop.fetched()).toContain('username');
    const renamed = await gateway.ask('{ users { username: email reviews { id } } }');
    expect(renamed.json.data.users[0]).toEqual({ username: null, reviews: [{ id: 'r1' }] });
    const token = await tokenWith({ scope: 'user:handle' });
    const seen = await gateway.ask('{ users { email username reviews { id } } }', { token });
    expect(seen.json.data.users[0]).toEqual({ email: null, username: 'ada', reviews: [{ id: 'r1' }] });
  });

  test('needs what the members of a union need, and never tells which of them an object is', async () => {
    const refused = await gateway.ask('{ search { __typename } }');
    expect(refused.json.data).toEqual({ search: null });
    expect(refused.json.extensions.withheld).toMatchObject([{ coordinate: 'Query.search', reason: 'POLICY' }]);
    expect(shop.asked()).toEqual([]);
    const seen = await gateway.ask('{ search { __typename ... on User { name } } }', {
      headers: { 'x-team': 'staff' },
    });
    expect(seen.json.data.search).toEqual([{ __typename: 'User', name: 'Ada' }, { __typename: 'Ban' }]);
  });

  test('takes what it is in along where there can be no null, with an error', async () => {
    const { json } = await gateway.ask('{ users { name badge } topProducts(first: 1) { name } }');
    expect(json.data).toBeNull();
    expect(json.errors).toEqual([
      {
        message: expect.any(String),
        path: ['users', '@', 'badge'],
        extensions: { code: 'UNAUTHORIZED_FIELD_OR_TYPE' },
      },
    ]);
    expect(shop.fetched()).not.toContain('badge');
    const mine = await gateway.ask('{ me { badge } topProducts(first: 1) { name } }', { token: await tokenWith() });
    expect(mine.json.data).toEqual({ me: null, topProducts: [{ name: 'Table' }] });
    expect(mine.json.errors).toHaveLength(1);
  });

  test('is told in errors too, or refuses the operation, as the client wants it', async () => {
    const query = '{ users { name email badge } }';
    const told = await gateway.ask(query, { headers: { 'amana-withheld-as': 'errors' } });
    expect(told.status).toBe(200);
    expect(told.json.errors.map(({ path }: { path: string[] }) => path.join('.'))).toEqual([
      'users.@.email',
      'users.@.badge',
    ]);
    shop.fetched();
    const rejected = await gateway.ask(query, { headers: { 'amana-withheld-as': 'reject' } });
    expect(rejected.status).toBe(403);
    expect(rejected.json.data).toBeUndefined();
    expect(rejected.json.errors[0].extensions.code).toBe('OPERATION_WITHHELD');
    expect(rejected.json.extensions.withheld).toHaveLength(2);
    expect(shop.asked()).toEqual([]);
  });
});

describe('a mutation', () => {
  test('is never sent where its field, or what it returns, is refused; others are', async () => {
    const { json } = await gateway.ask(`mutation {
      promote(id: "u1") { id }
      rename(id: "u1", name: "X") { id }
      ban(id: "u1") { user { id } }
    }`);
    expect(json.data).toEqual({ promote: null, rename: { id: 'u1' }, ban: null });
    expect(shop.done).toEqual(['rename u1 X']);
    expect(json.extensions.withheld.map(({ reason }: { reason: string }) => reason)).toEqual([
      'UNAUTHENTICATED',
      'POLICY',
    ]);
    shop.done.length = 0;
    const all = await gateway.ask('mutation { promote(id: "u1") { id } ban(id: "u1") { user { id } } }');
    expect(all.json.data).toEqual({ promote: null, ban: null });
    expect(shop.done).toEqual([]);
  });

  test('is sent for who may', async () => {
    const token = await tokenWith({ sub: 'moderator', scope: 'admin' });
    const { json } = await gateway.ask('mutation { promote(id: "u1") { id } ban(id: "u1") { user { id } } }', {
      token,
    });
    expect(json.data).toEqual({ promote: { id: 'u1' }, ban: { user: { id: 'u1' } } });
    expect(shop.done).toEqual(['promote u1', 'ban u1']);
  });
});

describe('the operator’s policies', () => {
  const LEVEL = '{ users { level } a: users { level } }';

  test('are asked once a request, for the policies that the operation names, with headers and claims', async () => {
    const before = gateway.errors().length;
    const token = await tokenWith({ sub: 'moderator' });
    await gateway.ask(LEVEL, { token, headers: { 'x-team': 'red' } });
    await gateway.ask('{ users { name } }', { token });
    const asked = [
      ...gateway
        .errors()
        .slice(before)
        .matchAll(/policies asked: (.*)/gu),
    ].map(([, line = '']) => line);
    expect(asked.map((line) => JSON.parse(line))).toEqual([{ policies: ['staff'], viewer: 'moderator', team: 'red' }]);
  });

  test.each(['throws', 'odd', 'late'])('grant nothing when the module is %s', async (team) => {
    const { json } = await gateway.ask(LEVEL, { headers: { 'x-team': team } });
    expect(json.data.users).toEqual([{ level: null }, { level: null }]);
    expect(json.extensions.withheld[0].reason).toBe('POLICY');
    expect(gateway.errors()).toContain('the policies gave no usable answer');
  });
});

describe('a token', () => {
  const ME = '{ me { name } }';

  test.each<[string, () => Promise<string> | string]>([
    ['for somebody else', () => issuer.token({ aud: 'another' })],
    ['that has lapsed', () => tokenWith({ exp: Math.floor(Date.now() / 1000) - 1 })],
    ['that is not valid yet', () => tokenWith({ nbf: Math.floor(Date.now() / 1000) + 60 })],
    ['that never lapses', () => tokenWith({ exp: undefined })],
    ['signed by somebody else', async () => (await tokenIssuer(temporaryDirectory())).token({ aud: 'shop' })],
    ['without a signature', async () => `${(await tokenWith()).split('.').slice(0, 2).join('.')}.`],
    ['that is none', () => 'nonsense'],
  ])('%s is refused, even for what everybody may see', async (_, make) => {
    const { status, json } = await gateway.ask('{ users { name } }', { token: await make() });
    expect(status).toBe(401);
    expect(json.errors[0].extensions.code).toBe('UNAUTHENTICATED');
    expect(shop.asked()).toEqual([]);
  });

  test('of another scheme is refused, and one in a cookie is none', async () => {
    const basic = await gateway.ask(ME, { headers: { authorization: 'Basic YTpi' } });
    expect(basic.status).toBe(401);
    const cookie = await gateway.ask(ME, { headers: { cookie: `token=${await tokenWith()}` } });
    expect(cookie.json.data).toEqual({ me: null });
  });

  test('stays here: subgraphs get the headers that the operator has named and no others', async () => {
    await gateway.ask(ME, { token: await tokenWith(), headers: { 'x-team': 'red', 'x-other': 'o', cookie: 'c=1' } });
    const headers = shop.subgraphs.flatMap(({ fetches }) => fetches.map((fetch) => fetch.headers));
    expect(headers).toHaveLength(1);
    const [{ host, 'content-length': _, ...rest } = {}] = headers;
    expect(host).toEqual(expect.any(String));
    expect(rest).toEqual({
      accept: 'application/json',
      'accept-encoding': 'identity',
      connection: 'keep-alive',
      'content-type': 'application/json',
      'x-team': 'red',
    });
  });
});

describe('a subgraph that fails', () => {
  test('costs its own part, and nothing of what it says gets out', async () => {
    const { text, json } = await gateway.ask('{ broken topProducts(first: 1) { name } }');
    expect(json.data).toEqual({ broken: null, topProducts: [{ name: 'Table' }] });
    expect(json.errors).toEqual([
      { message: expect.any(String), path: ['broken'], extensions: { code: 'SUBGRAPH_UNAVAILABLE' } },
    ]);
    expect(text).not.toContain('hunter2');
    expect(SECRET_FAULT).toContain('hunter2');
    expect(gateway.errors()).not.toContain('hunter2');
  });

  test('in a field that takes no null leaves no data, and says so', async () => {
    const { json } = await gateway.ask('{ brokenForAll }');
    expect(json.data).toBeNull();
    expect(json.errors).toMatchObject([{ path: ['brokenForAll'], extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }]);
  });
});

test('the log has who asked and what was withheld, by pseudonym and coordinate', async () => {
  const { json } = await gateway.ask('{ users { name email } }', {
    token: await tokenWith({ sub: 'ada@shop.example' }),
  });
  const { requestId } = json.extensions;
  const entries = logOf(`${directory}/log`).filter(({ id }) => id === requestId);
  expect(entries).toMatchObject([
    {
      event: 'OPENED',
      kind: 'USER',
      custodians: { accounts: ['Query.users', 'User.name'] },
      withheld: [{ coordinate: 'User.email', reason: 'NO_GRANT' }],
    },
    { event: 'ANSWERED', custodians: [{ custodian: 'accounts', status: 'ANSWERED' }] },
  ]);
  expect(JSON.stringify(entries)).not.toContain('ada@shop.example');
});
