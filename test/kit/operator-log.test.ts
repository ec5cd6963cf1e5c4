import { execFile } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeCause } from '../../src/protocol/describe-cause.ts';
import { operatorLog } from '../../src/protocol/operator-log.ts';
import { ministry } from '../../src/subgraphs/ministry/custodian.ts';
import { type TemporaryCustodian, temporaryCustodian } from './temporary-custodian.ts';

const NAME = 'سميرة-Qx7name';

function capture(): { readonly log: ReturnType<typeof operatorLog>; text: () => string; lines: () => object[] } {
  let text = '';
  const log = operatorLog({ program: 'custodian', custodian: 'ministry' }, 'debug', {
    write: (line) => (text += line),
  });
  const lines = () =>
    text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  return { log, text: () => text, lines };
}

describe('the operator’s log strikes out what slips in', () => {
  const failure = Object.assign(new Error(`${NAME}\n    at ${NAME} (/${NAME}.ts:1:2)`, { cause: new Error(NAME) }), {
    detail: `Key (name)=(${NAME})`,
    code: '23505',
  });
  test.each<[string, (log: ReturnType<typeof operatorLog>) => void]>([
    ['an error', (log) => log.error(failure)],
    ['an error with a message', (log) => log.error(failure, 'failed')],
    ['an error as a value', (log) => log.error({ err: failure })],
    ['an error under any key', (log) => log.error({ what: failure }, 'failed')],
    [
      'words of a request',
      (log) => log.warn({ query: NAME, variables: { name: NAME }, path: [NAME], cursor: NAME }, 'x'),
    ],
    ['headers', (log) => log.warn({ request: { headers: { authorization: NAME } }, 'amana-context': NAME }, 'x')],
    ['persons', (log) => log.warn({ a: { subject: NAME, b: { ref: NAME } }, viewer: { sub: NAME } }, 'x')],
    ['a child’s bindings', (log) => log.child({ token: NAME }).info('x')],
  ])('%s', (_, write) => {
    const { log, text, lines } = capture();
    write(log);
    expect(text()).not.toContain(NAME);
    expect(lines()).toMatchObject([{ program: 'custodian', custodian: 'ministry', msg: expect.any(String) }]);
  });

  test('but not the kind and the place of a failure, and not a request’s id', () => {
    const { log, lines } = capture();
    log.error({ request: 'abcdefgh', cause: failure }, 'a request failed');
    expect(lines()).toMatchObject([
      { request: 'abcdefgh', cause: { name: 'Error', code: '23505', at: expect.any(Array), cause: { name: 'Error' } } },
    ]);
    expect(describeCause(failure).at?.[0]).toContain('operator-log.test.ts');
  });
});

describe('a failure of the database that quotes what was asked', () => {
  const { log, text, lines } = capture();
  let custodian: TemporaryCustodian;
  beforeAll(async () => {
    custodian = await temporaryCustodian('ministry', ministry, log);
  });
  afterAll(() => custodian.close());

  test('is told by its kind and the schema’s name of the field', async () => {
    await custodian.grant({ scopes: ['ministry:registered', 'ministry:identifying'] });
    await custodian.labelSet();
    await custodian.storage.query({ sql: 'alter table death_certificates rename to gone', parameters: [] });
    const answer = await custodian.ask(
      `{ a${'Qx7alias'}: deathCertificates(filter: { name: "${NAME}" }) { totalCount } }`,
    );
    expect(answer.errors[0]?.extensions.code).toBe('INTERNAL_SERVER_ERROR');
    expect(lines()).toContainEqual(
      expect.objectContaining({
        msg: 'a field failed',
        field: expect.stringMatching(/^(deathCertificates|totalCount)$/u),
        request: expect.any(String),
        cause: expect.objectContaining({ cause: expect.objectContaining({ code: '42P01' }) }),
      }),
    );
    expect(text()).not.toMatch(/Qx7/u);
  });
});

test('what nobody caught ends the process, and is told without its message or what it carries', async () => {
  const register = new URL('../../bin/register.mjs', import.meta.url).href;
  const log = new URL('../../src/protocol/operator-log.ts', import.meta.url).href;
  const script = `import { endOnUncaught, operatorLog } from '${log}';
    endOnUncaught(operatorLog({ program: 'gateway' }));
    setTimeout(() => { throw Object.assign(new Error('${NAME}'), { detail: '${NAME}' }); }, 10);`;
  const ended = await new Promise<{ code: unknown; output: string }>((resolve) =>
    execFile(
      process.execPath,
      ['--import', register, '--input-type=module', '--eval', script],
      (error, stdout, stderr) => resolve({ code: error?.code, output: stdout + stderr }),
    ),
  );
  expect(ended.code).toBe(1);
  expect(ended.output).not.toContain(NAME);
  expect(JSON.parse(ended.output)).toMatchObject({ level: 60, msg: 'a failure that nobody caught' });
});
