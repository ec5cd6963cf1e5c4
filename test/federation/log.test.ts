import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ASKED_ABOUT } from '../../src/demo/ask-viewers.ts';
import { messageOf } from '../../src/protocol/errors.ts';
import { readSecret } from '../../src/protocol/read-configuration.ts';
import { pseudonym } from '../../src/subgraphs/kit/access-log.ts';
import {
  type Custodian,
  type OwnGateway,
  type Question,
  ask,
  askCustodian,
  federation,
  give,
  logEntries,
  settings,
  startGateway,
  withStorage,
} from './harness.ts';
import { type GatewayEntry, expectRefusal, loggedAtCustodian, loggedAtGateway } from './refusals.ts';
import { type RecordingProxy, recordingProxy } from './recording-proxy.ts';

const CUSTODIANS = ['ministry', 'missing', 'ngo-a'] as const;
const SUBJECT = 'subject-of-the-log';
const IDS = ASKED_ABOUT.map(({ id }) => id);
const LIST = '{ deathCertificates(first: 2) { nodes { id } } }';

const gates = {} as Record<Custodian, RecordingProxy>;
const running: OwnGateway[] = [];

beforeAll(async () => {
  for (const custodian of CUSTODIANS) {
    await give(custodian, SUBJECT, ['registered', 'identifying']);
    await give(custodian, 'other-subject-of-the-log', ['registered']);
    gates[custodian] = await recordingProxy(federation.custodians[custodian]);
  }
});
beforeEach(() => {
  for (const gate of Object.values(gates)) {
    gate.clear();
    Object.assign(gate, { delay: 0, heard: () => {} });
  }
});
afterAll(async () => {
  for (const gateway of running) await gateway.stop();
  for (const gate of Object.values(gates)) await gate.close();
});

/** A gateway whose every fetch passes the gates; `directory` where it goes on with another's log. */
async function start(directory?: string): Promise<OwnGateway> {
  const addresses = Object.fromEntries(CUSTODIANS.map((custodian) => [custodian, gates[custodian].url]));
  const log = settings('gateway')['log'] as object;
  const own = await startGateway(addresses, directory === undefined ? {} : { log: { ...log, directory } });
  const gateway = { ...own, log: directory ?? own.log };
  running.push(gateway);
  return gateway;
}

const fileOf = (log: string): string => join(log, 'gateway.jsonl');
const textOf = (log: string): string => readFileSync(fileOf(log), 'utf8');
const entriesOf = (log: string): GatewayEntry[] => logEntries(log) as unknown as GatewayEntry[];
const askAt = (gateway: OwnGateway, query: string, question: Question = {}) =>
  ask(query, { as: SUBJECT, gateway: gateway.url, ...question });
const wires = (): string =>
  Object.values(gates)
    .map((gate) => gate.wire())
    .join('');

describe('the gateway’s log', () => {
  let gateway: OwnGateway;
  beforeAll(async () => {
    gateway = await start();
  });

  it('holds the entry of a request on disk before any custodian is asked for a record', async () => {
    const found: unknown[] = [];
    for (const custodian of CUSTODIANS) {
      gates[custodian].heard = ({ headers }) => {
        const entries = loggedAtGateway(String(headers['amana-request-id']), gateway.log);
        found.push([custodian, entries.map(({ event }) => event), Object.keys(entries[0]?.custodians ?? {})]);
      };
    }
    const query = `query ($ids: [ID!]!) { persons(ids: $ids) { deathCertificates { totalCount } } collections { totalCount } }`;
    await askAt(gateway, query, { variables: { ids: IDS } });
    expect(found).toHaveLength(3);
    for (const [custodian, events, custodians] of found as [string, string[], string[]][]) {
      expect(events).toEqual(['OPENED']);
      expect(custodians).toContain(custodian);
    }
  });

  it('says who asked for which fields of whom and for what, then what came of it', async () => {
    const query = `query ($ids: [ID!]!) { persons(ids: $ids) { id deathCertificates { nodes { id statedCause reference } } } }`;
    const purpose = 'IDENTIFICATION; ref="A-17/2026"';
    const answer = await askAt(gateway, query, { variables: { ids: IDS }, purpose });
    const [opened, closed, ...more] = loggedAtGateway(answer.requestId, gateway.log);
    expect(more).toEqual([]);
    expect(opened).toEqual({
      event: 'OPENED',
      id: answer.requestId,
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/u),
      viewer: expect.stringMatching(/^[\w-]{32,43}$/u),
      kind: 'USER',
      purpose: 'IDENTIFICATION',
      ref: expect.stringMatching(/^[\w-]{32,43}$/u),
      custodians: {
        missing: ['Query.persons', 'Person.id'],
        ministry: [
          'Person.deathCertificates',
          'DeathCertificateConnection.nodes',
          'DeathCertificate.id',
          'DeathCertificate.reference',
        ],
      },
      withheld: [{ coordinate: 'DeathCertificate.statedCause', custodian: 'ministry', reason: 'NO_GRANT' }],
    });
    expect(closed).toEqual({
      event: 'ANSWERED',
      id: answer.requestId,
      at: expect.any(String),
      custodians: answer.custodians,
      withheld: opened?.withheld,
      codes: [],
    });
    const records = answer.data.persons.flatMap(
      (person: { deathCertificates: { nodes: object[] } } | null) => person?.deathCertificates.nodes ?? [],
    );
    expect(records.length).toBeGreaterThan(0);
    expect(closed?.custodians).toContainEqual({ custodian: 'ministry', status: 'ANSWERED', records: records.length });
  });

  it('has one pseudonym for one viewer and another for another', async () => {
    const viewers = [];
    for (const as of [SUBJECT, SUBJECT, 'other-subject-of-the-log']) {
      const { requestId } = await askAt(gateway, LIST, { as });
      viewers.push(loggedAtGateway(requestId, gateway.log)[0]?.viewer);
    }
    expect(viewers[0]).toBe(viewers[1]);
    expect(viewers[0]).not.toBe(viewers[2]);
  });

  it.each<[string, string, Question, string, object]>([
    ['without a token', LIST, { token: null }, 'UNAUTHENTICATED', {}],
    ['without a purpose', LIST, { purpose: null }, 'PURPOSE_MISSING', {}],
    ['that is no GraphQL', '{', {}, 'GRAPHQL_PARSE_FAILED', { viewer: expect.any(String), purpose: 'IDENTIFICATION' }],
    ['that does not fit the schema', '{ nothing }', {}, 'GRAPHQL_VALIDATION_FAILED', { viewer: expect.any(String) }],
    [
      'that is too costly',
      `{ ${'__typename '.repeat(5000)} }`,
      {},
      'OPERATION_TOO_COSTLY',
      { viewer: expect.any(String) },
    ],
    [
      'with a filter that is withheld',
      '{ deathCertificates(filter: { name: "محمد" }) { totalCount } }',
      { as: 'other-subject-of-the-log' },
      'FILTER_WITHHELD',
      { withheld: [{ coordinate: 'DeathCertificate.name', custodian: 'ministry', reason: 'NO_GRANT' }] },
    ],
    [
      'that wants all or nothing',
      '{ deathCertificates { nodes { statedCause } } }',
      { extensions: { amana: { withheldAs: 'reject' } } },
      'OPERATION_WITHHELD',
      { withheld: [{ coordinate: 'DeathCertificate.statedCause', custodian: 'ministry', reason: 'NO_GRANT' }] },
    ],
  ])('holds the refusal of a request %s, of which nothing was fetched', async (_, query, question, code, entry) => {
    const { requestId, errors } = await askAt(gateway, query, question);
    expect(errors.map(({ extensions }) => extensions.code)).toEqual([code]);
    expect(loggedAtGateway(requestId, gateway.log)).toMatchObject([{ event: 'REFUSED', codes: [code], ...entry }]);
    expect(wires()).toBe('');
  });

  it('holds no subject, no name, no reference, no id of a person or a record, and no token', async () => {
    const purpose = 'IDENTIFICATION; ref="Ref-Of-The-Log"';
    const query = `query ($ids: [ID!]!, $name: String) {
      persons(ids: $ids) { id }
      aliasOfTheLog: deathCertificates(first: 5, filter: { name: $name }) { nodes { id reference name { asWritten } } }
      deathCertificates(first: 1, filter: { reference: "Reference-Of-The-Log" }) { nodes { id } }
    }`;
    const answer = await askAt(gateway, query, { variables: { ids: IDS, name: 'محمد' }, purpose });
    const nodes: { id: string; reference: string; name: { asWritten: string } }[] = answer.data.aliasOfTheLog.nodes;
    expect(nodes).not.toEqual([]);
    await askAt(gateway, `{ deathCertificates(first: "Literal-Of-The-Log") { totalCount } }`);
    const text = textOf(gateway.log);
    const clear = [SUBJECT, 'Of-The-Log', 'aliasOfTheLog', 'محمد', 'eyJ', 'Bearer', 'ministry:', ...IDS];
    for (const word of [...clear, ...nodes.flatMap(({ id, reference, name }) => [id, reference, name.asWritten])]) {
      expect(text).not.toContain(word);
    }
    expect(statSync(fileOf(gateway.log)).mode & 0o777).toBe(0o600);
  });
});

describe('a gateway that is killed', () => {
  it('between its entry and the answer leaves the entry, loses nothing, and goes on where it was', async () => {
    const gateway = await start();
    await askAt(gateway, LIST);
    const before = textOf(gateway.log);

    gates.ministry.delay = 5000;
    const arrived = new Promise<string>((resolve) => {
      gates.ministry.heard = ({ headers }) => resolve(String(headers['amana-request-id']));
    });
    const lost = askAt(gateway, LIST).then(
      () => 'answered',
      () => 'lost',
    );
    const requestId = await arrived;
    await gateway.kill();
    expect(await lost).toBe('lost');
    const left = textOf(gateway.log);
    expect(left.startsWith(before)).toBe(true);
    expect(loggedAtGateway(requestId, gateway.log)).toMatchObject([{ event: 'OPENED', purpose: 'IDENTIFICATION' }]);

    // A crash in the middle of a write leaves half a line.
    const torn = '{"event":"OPENED","id":"torn","at":"20';
    appendFileSync(fileOf(gateway.log), torn);
    gates.ministry.delay = 0;
    gates.ministry.heard = () => {};
    const again = await start(gateway.log);
    const { data, requestId: next } = await askAt(again, LIST);
    expect(data.deathCertificates.nodes).toHaveLength(2);
    const text = textOf(gateway.log);
    expect(text.startsWith(left)).toBe(true);
    const added = logEntries(gateway.log, text.slice(left.length)) as unknown as GatewayEntry[];
    expect(added).toMatchObject([
      { event: 'RECOVERED', torn },
      { event: 'OPENED', id: next },
      { event: 'ANSWERED', id: next },
    ]);
    for (const line of text.trimEnd().split('\n')) expect(() => JSON.parse(line)).not.toThrow();
  });
});

/** A place for a log that can be full for real, and has room again. */
interface Disk {
  /** The folder for the log, where it is not the gateway's own. */
  readonly directory?: string;
  fill(gateway: OwnGateway): void;
  free(gateway: OwnGateway): void;
  end(): void;
}

/** No file may grow by more than 10 bytes beyond what the log has: as on a disk that fills up, a part of a write is done. */
const limitedFile = (): Disk => ({
  fill: ({ pid, log }) => prlimit(pid, String(statSync(fileOf(log)).size + 10)),
  free: ({ pid }) => prlimit(pid, 'unlimited'),
  end: () => {},
});
const prlimit = (pid: number, size: string): void =>
  void execFileSync('prlimit', ['--pid', String(pid), `--fsize=${size}:`]);

/** A file system of 1 MB, filled to its last block; undefined where this user may not mount one. */
function smallFileSystem(): Disk | undefined {
  const directory = join(federation.directory, 'small-file-system');
  const filler = join(directory, 'filler');
  mkdirSync(directory);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,mode=700', 'none', directory], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  const fillUp = () => {
    for (;;) appendFileSync(filler, Buffer.alloc(256, 'x'));
  };
  return {
    directory,
    fill: () => expect(fillUp).toThrow(/ENOSPC/u),
    free: () => rmSync(filler, { force: true }),
    end: () => void execFileSync('umount', ['--lazy', directory]),
  };
}

const fetchedFor = (requestId: string): number =>
  Object.values(gates)
    .flatMap(({ recorded }) => recorded)
    .filter(({ path, headers }) => path.endsWith('/graphql') && headers['amana-request-id'] === requestId).length;

/** Asks until a request is refused before it was fetched: the last block of a full disk still has room for an entry or two. */
async function askUntilRefused(gateway: OwnGateway): Promise<string> {
  for (let asked = 0; asked < 50; asked++) {
    const answer = await askAt(gateway, LIST);
    if (answer.status === 200) continue;
    expectRefusal(answer, 'LOG_UNAVAILABLE');
    if (fetchedFor(answer.requestId) === 0) return answer.requestId;
  }
  throw new Error('the disk is full, and nothing is refused');
}

describe.each<[string, () => Disk | undefined]>([
  ['a file that may not grow', limitedFile],
  ['a full disk', smallFileSystem],
])('a log on %s', (_, prepare) => {
  let disk: Disk | undefined;
  let gateway: OwnGateway;
  beforeAll(async () => {
    disk = prepare();
    if (disk) gateway = await start(disk.directory);
  });
  afterAll(async () => {
    await gateway?.stop();
    disk?.end();
  });

  it('refuses every request, nothing is fetched, and it goes on where there is room again', async ({ skip }) => {
    if (!disk) return skip('no file system may be mounted here');
    expect((await askAt(gateway, LIST)).status).toBe(200);
    const whole = textOf(gateway.log);
    disk.fill(gateway);
    const refused = [await askUntilRefused(gateway)];
    for (const answer of await Promise.all(Array.from({ length: 20 }, () => askAt(gateway, LIST)))) {
      expectRefusal(answer, 'LOG_UNAVAILABLE');
      refused.push(answer.requestId);
    }
    expect(refused.map(fetchedFor)).toEqual(refused.map(() => 0));

    disk.free(gateway);
    const answer = await askAt(gateway, LIST);
    expect(answer.data.deathCertificates.nodes).toHaveLength(2);
    expect(loggedAtGateway(answer.requestId, gateway.log).map(({ event }) => event)).toEqual(['OPENED', 'ANSWERED']);
    // Every line is whole, none of before is lost, and nothing says of what was refused that it was opened.
    expect(textOf(gateway.log).startsWith(whole)).toBe(true);
    const events = entriesOf(gateway.log).filter(({ id }) => refused.includes(id));
    for (const entry of events) expect(entry).toMatchObject({ event: 'REFUSED', codes: ['LOG_UNAVAILABLE'] });
  });
});

describe('a log that cannot be written', () => {
  let gateway: OwnGateway;
  const disk = limitedFile();
  beforeAll(async () => {
    gateway = await start();
  });

  it('once the answer has been fetched refuses it, and shows nothing of it', async () => {
    gates.ministry.heard = () => disk.fill(gateway);
    const answer = await askAt(gateway, LIST);
    expectRefusal(answer, 'LOG_UNAVAILABLE');
    expect(gates.ministry.recorded.at(-1)?.answer).toContain('"nodes":[{');
    disk.free(gateway);
    expect(loggedAtGateway(answer.requestId, gateway.log).map(({ event }) => event)).toEqual(['OPENED']);
  });

  it('refuses a refusal, too', async () => {
    await askAt(gateway, LIST);
    disk.fill(gateway);
    for (const question of [{ token: null }, { purpose: null }]) {
      expectRefusal(await askAt(gateway, LIST, question), 'LOG_UNAVAILABLE');
    }
    disk.free(gateway);
    expectRefusal(await askAt(gateway, LIST, { token: null }), 'UNAUTHENTICATED');
  });
});

it('a log that somebody else writes to, too, is not written to', async () => {
  const gateway = await start();
  await askAt(gateway, LIST);
  appendFileSync(fileOf(gateway.log), '{"event":"OPENED","id":"forged"}\n');
  const text = textOf(gateway.log);
  gates.ministry.clear();
  expectRefusal(await askAt(gateway, LIST), 'LOG_UNAVAILABLE');
  expect([textOf(gateway.log), wires()]).toEqual([text, '']);
});

describe.each(CUSTODIANS)('the access log of %s', (custodian) => {
  const list = { ministry: 'deathCertificates', missing: 'missingPersonReports', 'ngo-a': 'collections' }[custodian];
  const type = { ministry: 'DeathCertificate', missing: 'MissingPersonReport', 'ngo-a': 'Collection' }[custodian];
  const query = `{ ${list}(first: 2) { nodes { id reference } } }`;
  const keyOf = (): Buffer =>
    readSecret(join(federation.directory, (settings(custodian)['secrets'] as { logKeyFile: string }).logKeyFile));

  it('has a row for every read, with the records as pseudonyms, under the gateway’s request id', async () => {
    const answer = await ask(query, { as: SUBJECT, purpose: 'IDENTIFICATION; ref="A-17/2026"' });
    const ids: string[] = answer.data[list].nodes.map(({ id }: { id: string }) => id);
    const key = keyOf();
    const rows = await loggedAtCustodian(custodian, answer.requestId);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({
      outcome: 'ANSWERED',
      code: null,
      viewer: pseudonym(key, 'viewer', SUBJECT),
      subjectKind: 'USER',
      purpose: 'IDENTIFICATION',
      reference: pseudonym(key, 'reference', 'A-17/2026'),
      withheld: [],
    });
    expect(rows[0]?.coordinates).toEqual(expect.arrayContaining([`Query.${list}`, `${type}.id`, `${type}.reference`]));
    expect(rows[0]?.records.toSorted()).toEqual(ids.map((id) => pseudonym(key, 'record', id)).toSorted());
    expect(JSON.stringify(rows)).not.toMatch(new RegExp([SUBJECT, 'A-17', ...ids].join('|'), 'u'));
  });

  it('has a row for every refusal, without records', async () => {
    const answer = await askCustodian(custodian, `{ ${list}(first: 100000) { nodes { id } } }`, { as: SUBJECT });
    expectRefusal(answer, 'PAGE_TOO_LARGE');
    expect(await loggedAtCustodian(custodian, answer.requestId)).toMatchObject([
      { outcome: 'REFUSED', code: 'PAGE_TOO_LARGE', records: [], viewer: pseudonym(keyOf(), 'viewer', SUBJECT) },
    ]);
  });

  it('that cannot be committed refuses the answer, at its own door and through the gateway', async () => {
    const as = `unlogged-at-${custodian}`;
    await give(custodian, as, ['registered', 'identifying']);
    await give(custodian === 'ministry' ? 'missing' : 'ministry', as, ['registered']);
    const [other, otherList] =
      custodian === 'ministry' ? ['missing', 'missingPersonReports'] : ['ministry', 'deathCertificates'];
    // Fails when the row is committed, not when it is written: an answer that did not wait for that would leave.
    await alter(custodian, [
      `create function test_log_fails() returns trigger language plpgsql as $$ begin raise exception 'the disk is full'; end $$`,
      `create constraint trigger test_log_fails after insert on access_log deferrable initially deferred for each row
        when (new.viewer = '${pseudonym(keyOf(), 'viewer', as)}') execute function test_log_fails()`,
    ]);
    try {
      expectRefusal(await askCustodian(custodian, query, { as }), 'LOG_UNAVAILABLE');
      expectRefusal(await askCustodian(custodian, `{ ${list}(first: 0) { totalCount } }`, { as }), 'LOG_UNAVAILABLE');
      const answer = await ask(`{ ${list} { nodes { id reference } } ${otherList} { totalCount } }`, { as });
      expect(answer.data).toEqual({ [list]: null, [otherList]: { totalCount: expect.any(Number) } });
      expect(answer.errors).toEqual([
        { message: messageOf('CUSTODIAN_UNAVAILABLE'), path: [list], extensions: { code: 'CUSTODIAN_UNAVAILABLE' } },
      ]);
      expect(answer.custodians.toSorted((a, b) => (a.custodian < b.custodian ? -1 : 1))).toMatchObject(
        [
          { custodian, status: 'UNAVAILABLE', records: 0 },
          { custodian: other, status: 'ANSWERED' },
        ].toSorted((a, b) => (String(a.custodian) < String(b.custodian) ? -1 : 1)),
      );
      expect(answer.text).not.toContain('disk');
    } finally {
      await alter(custodian, ['drop trigger test_log_fails on access_log', 'drop function test_log_fails']);
    }
    expect((await askCustodian(custodian, query, { as })).errors).toEqual([]);
  });
});

/** Changes a custodian's database, as its own administrator could. */
const alter = (custodian: Custodian, statements: readonly string[]): Promise<void> =>
  withStorage(custodian, ({ transaction }) =>
    transaction(async (query) => {
      for (const sql of statements) await query({ sql, parameters: [] });
    }),
  );
