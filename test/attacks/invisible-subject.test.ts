import { afterAll, beforeAll, expect, it } from 'vitest';
import { listGrants } from '../../src/subgraphs/kit/grants.ts';
import { type ServedCustodian, servedCustodian } from '../kit/served-custodian.ts';

let custodian: ServedCustodian;
beforeAll(async () => {
  custodian = await servedCustodian('ngo-a', 'ngo');
});
afterAll(() => custodian?.close());

const amana = (who: Readonly<Record<string, string>>) =>
  custodian.amana(
    'grant',
    ...Object.entries({ subject: 'analyst', organisation: 'commission', reason: 'Request 17', ...who }).flatMap(
      ([name, value]) => [`--${name}`, value],
    ),
    ...['--recipient', 'COURT', '--scopes', 'ngo:registered', '--purposes', 'RESEARCH'],
    ...['--until', new Date(Date.now() + 86_400_000).toISOString().slice(0, 10)],
  );

it.each([
  { subject: 'ana\u200Blyst' },
  { subject: '\u202Etsylana' },
  { subject: 'analyst\nand another' },
  { organisation: 'commission\u2066' },
  { organisation: 'miss\u001B[Ding' },
])('who asks for a grant tries to be named as somebody else looks: %j', async (who) => {
  const { code, stdout, stderr } = await amana(who);
  expect(stderr).toContain('it holds characters that cannot be seen');
  expect(stderr).not.toMatch(/[^\P{C}\n]/u);
  expect([code, stdout]).toEqual([1, '']);
  expect(await listGrants(custodian.storage)).toEqual([]);
});

it('a reason tries to turn around what the list of grants says to a terminal', async () => {
  expect((await amana({ subject: 'محمد', reason: 'Request 17\u202E\u009B2J' })).code).toBe(0);
  const { stdout } = await custodian.amana('grants', '--json');
  expect(stdout).not.toMatch(/[^\P{C}\n]/u);
  expect(JSON.parse(stdout)).toMatchObject([{ subject: 'محمد', reason: 'Request 17\u202E\u009B2J' }]);
});
