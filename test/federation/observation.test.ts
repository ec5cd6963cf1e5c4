import { appendFileSync, existsSync, readFileSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ASKED_ABOUT } from '../../src/demo/ask-viewers.ts';
import { ERRORS, type ErrorCode } from '../../src/protocol/errors.ts';
import { SPANS, SPAN_ATTRIBUTES } from '../../src/protocol/traces.ts';
import {
  type Answer,
  type Custodian,
  type OwnGateway,
  accessToken,
  ask,
  custodianAddress,
  custodianHeaders,
  custodianToken,
  federation,
  give,
  post,
  requestContext,
  startGateway,
} from './harness.ts';
import { type RecordingProxy, recordingProxy } from './recording-proxy.ts';
import { type ReceivedSpan, spansIn } from './trace-receiver.ts';

const CUSTODIANS = ['ministry', 'missing', 'ngo-a'] as const;

/** What requests are made of here: nothing that holds this word may be told to an operator. */
const MARK = 'Qx7marker';
const SUBJECT = `${MARK}-subject`;
const ARABIC = 'قمرالعلامة';
const CLIENT_TRACE = 'feedfacefeedfacefeedfacefeedface';
const GATEWAY_TRACE = 'cafecafecafecafecafecafecafecafe';

/** Whatever else must not be told: tokens, contexts, ids, names and cursors that came up on the way. */
const secrets = new Set<string>([MARK, ARABIC, CLIENT_TRACE, '203.0.113.77']);
const seen = new Map<ErrorCode, string>();
const gateways: OwnGateway[] = [];
const proxies: RecordingProxy[] = [];

const HEADERS = {
  'x-forwarded-for': '203.0.113.77',
  forwarded: 'for=203.0.113.77',
  'user-agent': `${MARK}-agent`,
  cookie: `session=${MARK}`,
  traceparent: `00-${CLIENT_TRACE}-feedfacefeedface-01`,
  tracestate: `amana=${MARK}`,
  baggage: `person=${MARK}`,
};
const PURPOSE = `IDENTIFICATION; ref="${MARK}-ref"`;

function note(answer: Answer): Answer {
  for (const { extensions } of answer.errors) {
    const code = extensions.code as ErrorCode;
    if (!seen.has(code)) seen.set(code, answer.requestId);
  }
  return answer;
}

async function askMarked(query: string, more: Parameters<typeof ask>[1] = {}): Promise<Answer> {
  const token = more.token === undefined ? await accessToken(SUBJECT) : more.token;
  if (token) secrets.add(token).add(token.split('.')[2] ?? token);
  const headers = { ...HEADERS, ...more.headers };
  return note(await ask(query, { purpose: PURPOSE, ...more, token, headers }));
}

async function send(url: string, method: string, body: string | undefined, headers: Record<string, string>) {
  const response = await fetch(url, {
    method,
    headers: { ...HEADERS, ...headers },
    ...(body !== undefined && { body }),
  });
  const answered = await response.text();
  const code: ErrorCode | undefined = answered.startsWith('{')
    ? JSON.parse(answered).errors?.[0]?.extensions.code
    : undefined;
  if (code) seen.set(code, response.headers.get('amana-request-id') ?? '');
  return response;
}

/** Past the gateway, with good credentials that are looked for afterwards. */
async function askPast(
  custodian: Custodian,
  query: string,
  variables: object = {},
  changes: Record<string, string> = {},
) {
  const asGateway = { traceparent: `00-${GATEWAY_TRACE}-cafecafecafecafe-01` };
  const good = await custodianHeaders(custodian, {
    ...{ subject: SUBJECT, subjectKind: 'USER', purpose: 'IDENTIFICATION', ref: `${MARK}-ref` },
  });
  for (const value of Object.values(good)) secrets.add(value.replace('Bearer ', ''));
  secrets.delete(good['amana-request-id'] ?? '');
  return note(
    await post(custodianAddress(custodian), { query, variables }, { ...HEADERS, ...good, ...asGateway, ...changes }),
  );
}

beforeAll(async () => {
  await give('ministry', SUBJECT, ['registered', 'identifying']);
  await give('ministry', `${SUBJECT}-3`, ['registered']);
  await give('missing', SUBJECT, ['registered', 'identifying']);
  for (const file of readdirSync(join(federation.directory, 'keys')).filter((name) => name.endsWith('.secret')))
    secrets.add(readFileSync(join(federation.directory, 'keys', file), 'utf8').trim());
});
afterAll(async () => {
  for (const gateway of gateways) await gateway.stop();
  for (const proxy of proxies) await proxy.close();
});

/** Everything that any process of the federation has told an operator since it began. */
async function told(): Promise<{ readonly logs: string; readonly metrics: string; readonly traces: string }> {
  const directory = join(federation.directory, 'logs');
  const logs = readdirSync(directory).map((file) => readFileSync(join(directory, file), 'utf8'));
  const addresses = logs.flatMap((log) => [...log.matchAll(/"metrics":"(http[^"]+)"/gu)].map(([, url]) => String(url)));
  const metrics = await Promise.all(
    addresses.map(async (url) => (await fetch(url).catch(() => undefined))?.text() ?? ''),
  );
  const traces = readFileSync(join(federation.directory, 'traces.jsonl'), 'utf8');
  return { logs: logs.join('\n'), metrics: metrics.join('\n'), traces };
}

/** Spans are delivered within a second or so of each program: the trace is whole when no more come. */
async function spansOf(requestId: string, atLeast: number): Promise<ReceivedSpan[]> {
  const deadline = Date.now() + 15_000;
  let before = -1;
  for (;;) {
    const spans = spansIn((await told()).traces);
    const traces = new Set(
      spans.filter(({ attributes }) => attributes['amana.request'] === requestId).map(({ traceId }) => traceId),
    );
    const found = spans.filter(({ traceId }) => traces.has(traceId));
    const isWhole = found.length >= atLeast && found.length === before;
    if (isWhole || Date.now() > deadline) return found;
    before = found.length;
    await new Promise((resolve) => setTimeout(resolve, 1_500));
  }
}

const IDS = ASKED_ABOUT.map(({ id }) => id);
const PERSONS =
  'query ($ids: [ID!]!) { persons(ids: $ids) { id missingPersonReports { nodes { id } } deathCertificates { nodes { id } } } }';
const ACROSS = `query ${MARK}Query($name: String) {
  ${MARK}alias: deathCertificates(first: 3, filter: { name: $name }) {
    totalCount nodes { id name { asWritten } mother statedCause person { id missingPersonReports { nodes { id name { asWritten } } } } }
    pageInfo { endCursor }
  }
}`;

describe('operators are told of no person, no word of a request, and no secret', () => {
  it('through errors of every kind, at the gateway and at custodians', async () => {
    const answered = await askMarked(
      ACROSS.replace('$name: String', '')
        .replace(`query ${MARK}Query()`, `query ${MARK}Query`)
        .replace(', filter: { name: $name }', ''),
    );
    const page = answered.data[`${MARK}alias`];
    expect(page.nodes.length).toBe(3);
    for (const node of page.nodes) {
      for (const value of [node.id, node.name?.asWritten, node.mother, node.person?.id]) if (value) secrets.add(value);
    }
    secrets.add(page.pageInfo.endCursor);
    await askMarked(ACROSS, { variables: { name: ARABIC } });
    for (const id of IDS) secrets.add(id);
    for (let n = 0; n < 2; n += 1) await askMarked(PERSONS, { variables: { ids: IDS } });
    await askMarked(
      `{ deathCertificates(first: 2, after: "${page.pageInfo.endCursor}", filter: { name: "${ARABIC}" }) { nodes { id } } }`,
    );
    await askMarked(`{ deathCertificates(first: 2, after: "${MARK}") { nodes { id } } }`);
    await askMarked(`{ person(id: "${MARK}") { id missingPersonReports { nodes { id } } } }`);
    await askMarked('{ deathCertificates { nodes { statedCause } } }', { headers: { 'amana-withheld-as': 'reject' } });
    await askMarked('{ deathCertificates { nodes { statedCause } } }', { headers: { 'amana-withheld-as': 'errors' } });
    await askMarked(`{ deathCertificates { ${MARK} } }`);
    await askMarked(`{ deathCertificates(first: "${MARK}") { totalCount } }`);
    await askMarked('query ($n: Int) { deathCertificates(first: $n) { totalCount } }', { variables: { n: MARK } });
    await askMarked('{ deathCertificates(first: 1000) { totalCount } }');
    await askMarked(`{ "${MARK}`);
    await askMarked(`query A${MARK} { __typename } query B { __typename }`);
    await askMarked(`{ ${Array.from({ length: 90 }, (_, n) => `${MARK}${n}: __typename`).join(' ')} }`);
    await askMarked('{ collections { nodes { id } } }');
    const other = await accessToken(`${SUBJECT}-3`);
    await askMarked(`{ deathCertificates(filter: { name: "${ARABIC}" }) { totalCount } }`, { token: other });
    await askMarked(`{ missingPersonReports(filter: { circumstances: "${MARK}" }) { totalCount } }`);
    await askMarked('{ __typename }', { token: `${MARK}.${MARK}.${MARK}` });
    await askMarked('{ __typename }', { token: null });
    await askMarked('{ __typename }', { purpose: null });
    await askMarked('{ __typename }', { purpose: MARK });
    await askMarked('{ __typename }', { headers: { accept: `text/${MARK}` } });
    await askMarked('{ __typename }', { headers: { 'amana-withheld-as': MARK } });

    const authorization = `Bearer ${await accessToken(SUBJECT)}`;
    secrets.add(authorization.slice(7));
    const json = { authorization, 'amana-purpose': PURPOSE, 'content-type': 'application/json' };
    const context = { 'amana-context': `${MARK}.${MARK}.${MARK}` };
    for (const [origin, graphql] of [
      [federation.gateway, '/graphql'],
      ...CUSTODIANS.map((id) => [federation.custodians[id], new URL(custodianAddress(id)).pathname]),
    ] as [string, string][]) {
      await send(`${origin}${graphql}`, 'POST', `{"query": ${MARK}`, json);
      await send(`${origin}${graphql}`, 'POST', JSON.stringify({ query: MARK.repeat(200_000) }), json);
      await send(`${origin}${graphql}`, 'POST', MARK, { ...json, 'content-type': `text/${MARK}` });
      await send(`${origin}${graphql}?${MARK}=${MARK}`, 'PUT', JSON.stringify({ query: MARK }), json);
      await send(`${origin}/${MARK}?${MARK}`, 'GET', undefined, { authorization });
      await send(`${origin}/%${MARK}`, 'GET', undefined, {});
      const { hostname, port } = new URL(origin);
      const raw = connect(Number(port), hostname);
      raw.write(`${MARK} ${MARK}\r\n\r\n`);
      await text(raw);
    }
    for (const custodian of CUSTODIANS) {
      const token = await custodianToken(custodian, SUBJECT);
      secrets.add(token);
      await send(custodianAddress(custodian), 'POST', '{"query":"{ __typename }"}', {
        ...json,
        authorization: `Bearer ${token}`,
        ...context,
      });
      await send(`${federation.custodians[custodian]}/access`, 'GET', undefined, {
        authorization: `Bearer ${MARK}`,
        ...context,
      });
      await send(
        `${federation.custodians[custodian]}/${custodian === 'ngo-a' ? 'ngo' : custodian}/schema`,
        'GET',
        undefined,
        context,
      );
      await send(`${federation.custodians[custodian]}/media/${MARK}`, 'GET', undefined, {});
      await send(`${federation.custodians[custodian]}/media/${MARK}`, 'GET', undefined, { range: `bytes=0-1` });
    }
    await askPast(
      'ministry',
      `query ${MARK} { ${MARK}: deathCertificates(filter: { name: "${ARABIC}" }) { nodes { ${MARK}b: statedCause id } } }`,
    );
    await askPast('ministry', `{ deathCertificates(first: 1) { nodes { ${MARK}: statedCause } } }`);
    await askPast('ministry', `{ deathCertificates(first: 900) { nodes { id } } }`);
    await askPast('ministry', `{ deathCertificates(after: "${MARK}") { nodes { id } } }`);
    await askPast('ministry', `{ courtFiles(filter: { charge: "${MARK}" }) { totalCount } }`);
    await askPast('ministry', `{ ${MARK} }`);
    await askPast('ministry', `query ($r: [_Any!]!) { _entities(representations: $r) { __typename } }`, {
      r: [
        { __typename: 'Person', id: MARK },
        { __typename: MARK, id: MARK },
      ],
    });
    await askPast(
      'ministry',
      '{ __typename }',
      {},
      {
        'amana-context': await requestContext('missing', {
          subject: SUBJECT,
          subjectKind: 'USER',
          purpose: 'IDENTIFICATION',
        }),
      },
    );
  });

  it('through custodians that fail, and answer with what they should not', async () => {
    const proxy = await recordingProxy(federation.custodians.ministry);
    proxies.push(proxy);
    const gateway = await startGateway(
      { ministry: proxy.url },
      { deadlines: { request: 8_000, custodian: 1_500, access: 1_000 } },
    );
    gateways.push(gateway);
    const list = `{ ${MARK}: deathCertificates(first: 1, filter: { name: "${ARABIC}" }) { nodes { id } } }`;
    for (const fault of ['reset', 'silent', 'half', 'html', 'wrong-types', 'refuse', 'error', 'redirect'] as const) {
      proxy.fault = fault;
      await askMarked(list, { gateway: gateway.url });
    }
    proxy.fault = 'none';
    proxy.alter = () =>
      JSON.stringify({ errors: [{ message: `${MARK} ${ARABIC}`, path: [MARK], extensions: { code: MARK } }] });
    await askMarked(list, { gateway: gateway.url });
    proxy.alterAccess = () => JSON.stringify({ custodian: MARK, grants: [MARK] });
    await askMarked(list, { gateway: gateway.url, token: await accessToken(`${SUBJECT}-2`) });
    appendFileSync(join(gateway.log, 'gateway.jsonl'), MARK);
    await askMarked(list, { gateway: gateway.url });
    await told(); // the metrics of a gateway that will be gone
  });

  it('whatever they are told by', async () => {
    // Those that are driven elsewhere, or are a custodian's word to the gateway alone.
    const elsewhere = new Set([
      'IDENTITY_PROVIDER_UNAVAILABLE',
      'INTERNAL_SERVER_ERROR',
      'RATE_LIMITED',
      'CUSTODIAN_REFUSED',
      // Of a gateway in front of plain subgraphs.
      'SUBGRAPH_UNAVAILABLE',
      'SUBGRAPH_TIMED_OUT',
    ]);
    expect([...seen.keys()].sort()).toEqual(
      expect.arrayContaining((Object.keys(ERRORS) as ErrorCode[]).filter((code) => !elsewhere.has(code)).sort()),
    );
    const last = await askMarked('{ __typename }');
    expect((await spansOf(last.requestId, 5)).length).toBeGreaterThanOrEqual(5);
    const { logs, metrics, traces } = await told();
    expect(logs.length * metrics.length * traces.length).toBeGreaterThan(0);
    for (const [name, output] of Object.entries({ logs, metrics, traces })) {
      for (const secret of secrets) {
        const at = output.indexOf(secret);
        expect(at === -1 ? '' : `${name}: …${output.slice(Math.max(0, at - 200), at + 100)}…`).toBe('');
      }
    }
  });
});

describe('the operator’s log', () => {
  it('has a line for each refusal, with the request’s id', async () => {
    await new Promise((resolve) => setTimeout(resolve, 1_000)); // output reaches its files a moment later
    const { logs } = await told();
    for (const [code, requestId] of seen) {
      if (
        !requestId ||
        ['NOT_FOUND', 'METHOD_NOT_ALLOWED', 'UNSUPPORTED_MEDIA_TYPE', 'PAYLOAD_TOO_LARGE', 'BAD_REQUEST'].includes(code)
      )
        continue;
      const lines = logs.split('\n').filter((line) => line.includes(`"request":"${requestId}"`));
      expect(lines.length, code).toBeGreaterThan(0);
      for (const line of lines)
        expect(JSON.parse(line)).toMatchObject({ program: expect.any(String), msg: expect.any(String) });
    }
  });
});

describe('metrics', () => {
  it('count requests, refusals, what was withheld, questions and cache use', async () => {
    const { metrics } = await told();
    for (const line of [
      /^amana_gateway_requests_total\{outcome="ANSWERED"\} [1-9]/mu,
      /^amana_gateway_refusals_total\{code="GRAPHQL_PARSE_FAILED"\} [1-9]/mu,
      /^amana_gateway_refusals_total\{code="METHOD_NOT_ALLOWED"\} [1-9]/mu,
      /^amana_gateway_withheld_total\{coordinate="DeathCertificate.statedCause",custodian="ministry",reason="NO_GRANT"\} [1-9]/mu,
      /^amana_gateway_custodian_answers_total\{custodian="ministry",question="ROOTS",status="TIMED_OUT"\} [1-9]/mu,
      /^amana_gateway_custodian_answers_total\{custodian="ministry",question="ENTITIES",status="ANSWERED"\} [1-9]/mu,
      /^amana_gateway_custodian_seconds_count\{custodian="ministry",question="ACCESS"\} [1-9]/mu,
      /^amana_gateway_cache_total\{cache="access",result="hit"\} [1-9]/mu,
      /^amana_gateway_cache_total\{cache="plan",result="hit"\} [1-9]/mu,
      /^amana_gateway_cache_total\{cache="validation",result="hit"\} [1-9]/mu,
      /^amana_gateway_log_seconds_count\{result="failed"\} [1-9]/mu,
      /^amana_gateway_check\{check="log"\} 0$/mu,
      /^amana_gateway_check\{check="identity-provider"\} 1$/mu,
      /^amana_custodian_requests_total\{door="graphql",outcome="ANSWERED"\} [1-9]/mu,
      /^amana_custodian_requests_total\{door="media",outcome="REFUSED"\} [1-9]/mu,
      /^amana_custodian_refusals_total\{code="CONTEXT_INVALID"\} [1-9]/mu,
      /^amana_custodian_withheld_total\{coordinate="DeathCertificate.statedCause"\} [1-9]/mu,
      /^amana_custodian_statement_seconds_count\{statement="RECORDS",result="done"\} [1-9]/mu,
      /^amana_custodian_connections\{state="open"\} [1-9]/mu,
      /^nodejs_eventloop_lag_seconds /mu,
    ])
      expect(line.test(metrics), String(line)).toBe(true);
  });

  it('are not at the public port, nor is anything else at theirs', async () => {
    for (const origin of [federation.gateway, ...Object.values(federation.custodians)])
      expect((await fetch(`${origin}/metrics`)).status).toBe(404);
    const log = readFileSync(join(federation.directory, 'logs', 'gateway.log'), 'utf8');
    const [, url = ''] = [...log.matchAll(/"metrics":"(http[^"]+)"/gu)].at(-1) ?? [];
    expect((await fetch(url.replace('/metrics', '/graphql'))).status).toBe(404);
    expect((await fetch(url, { method: 'POST' })).status).toBe(405);
  });
});

describe('traces', () => {
  it('go from the gateway through to the custodians, a span for each stage, question and statement', async () => {
    const answer = await askMarked(PERSONS, { variables: { ids: IDS } });
    const spans = await spansOf(answer.requestId, 18);
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
    expect(spans[0]?.traceId).not.toBe(CLIENT_TRACE);
    const byId = new Map(spans.map((span) => [span.spanId, span]));
    const chain = (span: ReceivedSpan | undefined): string =>
      span ? [chain(byId.get(span.parentSpanId ?? '')), `${span.program}/${span.name}`].filter(Boolean).join(' ') : '';
    const chains = [...new Set(spans.map(chain))];
    const gateway = 'amana-gateway/request';
    for (const stage of [
      'receive',
      'identify',
      'resolve',
      'limit',
      'authorize',
      'plan',
      'record',
      'execute',
      'respond',
    ])
      expect(chains).toContain(`${gateway} amana-gateway/${stage}`);
    for (const custodian of ['ministry', 'missing'])
      expect(chains).toContain(
        `${gateway} amana-gateway/execute amana-gateway/ask ${custodian}/serve ${custodian}/statement`,
      );
    const asked = spans.filter(({ name }) => name === 'ask').map(({ attributes }) => attributes);
    expect(asked).toContainEqual({
      'amana.custodian': 'ministry',
      'amana.subgraph': 'ministry',
      'amana.question': 'ENTITIES',
      'amana.status': 'ANSWERED',
    });
  });

  it('hold nothing but the attributes that are listed, with values as they should look', async () => {
    const spans = spansIn((await told()).traces);
    expect(spans.length).toBeGreaterThan(100);
    for (const { name, attributes, events = [], links = [], status } of spans) {
      expect(Object.keys(SPANS)).toContain(name);
      expect([events, links, status?.message ?? '']).toEqual([[], [], '']);
      for (const [key, value] of Object.entries(attributes)) {
        expect(Object.keys(SPAN_ATTRIBUTES)).toContain(key);
        expect(SPAN_ATTRIBUTES[key as keyof typeof SPAN_ATTRIBUTES][1](String(value))).toBe(true);
      }
    }
  });

  it('are not begun by who has not proved to be a gateway', async () => {
    const before = spansIn((await told()).traces).length;
    const requestId = `unproved-${before}`;
    await send(custodianAddress('ministry'), 'POST', '{"query":"{ __typename }"}', {
      'content-type': 'application/json',
      'amana-request-id': requestId,
    });
    await askPast('ministry', '{ __typename }');
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    const spans = spansIn((await told()).traces);
    expect(spans.filter(({ attributes }) => attributes['amana.request'] === requestId)).toEqual([]);
    // With a gateway's own credentials the trace goes on, and that is what they are for.
    expect(spans.some(({ traceId, program }) => traceId === GATEWAY_TRACE && program === 'ministry')).toBe(true);
  });
});

it('no probe is left beside the log', () => {
  expect(existsSync(join(federation.directory, 'gateway/log/gateway.jsonl.probe'))).toBe(false);
});
