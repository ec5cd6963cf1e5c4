import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { grant, listGrants, revoke } from '../../src/subgraphs/kit/grants.ts';
import { type ServedCustodian, servedCustodian } from '../kit/served-custodian.ts';
import { AMANA } from './run-amana.ts';

const DAY = 86_400_000;
const day = (days: number): string => new Date(Date.now() + days * DAY).toISOString().slice(0, 10);

let custodian: ServedCustodian;
beforeAll(async () => {
  custodian = await servedCustodian('ngo-a', 'ngo');
});
afterAll(() => custodian?.close());

const WHO = ['--subject', 'analyst', '--organisation', 'commission', '--recipient', 'NAMED_ORGANISATIONS'];
const WHAT = ['--scopes', 'ngo:registered,ngo:identifying'];
const TERMS = ['--purposes', 'IDENTIFICATION', '--until', day(30), '--reason', 'Request 17'];

const give = (subject: string, until: number, from?: number): Promise<string> =>
  grant(custodian.storage, {
    ...{ subject, organisation: 'commission', subjectKind: 'USER', recipientKind: 'COURT', scopes: ['ngo:registered'] },
    ...{ purposes: ['RESEARCH'], reason: 'a test', grantedBy: 'the test', until: new Date(Date.now() + until * DAY) },
    ...(from !== undefined && { from: new Date(Date.now() + from * DAY) }),
  });

describe('a grant that would give more than the custodian may, or nothing, is refused with the reason', () => {
  it.each([
    [['--scopes', 'ngo:registered,missing:family'], 'missing:family: ngo-a hosts only "ngo"'],
    [['--scopes', 'ngo:everything'], 'ngo:everything: no such scope here. This custodian can grant ngo:identifying'],
    [['--scopes', 'registered'], 'registered: no such scope here'],
    [['--clears', 'COORDINATED'], 'COORDINATED can be cleared for the Ministry, the Authority and your own staff only'],
    [['--clears', 'FAMILY_FIRST'], 'FAMILY_FIRST can be cleared for the Authority and your own staff only'],
    [['--clears', 'FAMILY_FIRST', '--organisation', 'ministry'], '(--organisation missing or ngo-a)'],
    [['--until', day(-1)], 'It lies in the past'],
    [['--until', day(800)], 'It lies more than 2 years ahead. Choose 20'],
    [['--purposes', ''], 'Name at least one of IDENTIFICATION'],
    [['--recipient', 'FRIENDS'], 'Choose from AUTHORITY_ONLY'],
    [['--reason', ' '], 'It must not be empty'],
  ])('%j', async (words, sentence) => {
    const { code, stdout, stderr } = await custodian.amana('grant', ...WHO, ...WHAT, ...TERMS, ...words);
    expect(stderr).toContain(sentence);
    expect([code, stdout]).toEqual([2, '']);
    expect(await listGrants(custodian.storage)).toEqual([]);
  });

  it('without a terminal to ask at, naming what is missing', async () => {
    const { code, stderr } = await custodian.amana('grant', ...WHO, ...WHAT, '--until', day(30));
    expect(stderr).toBe(
      'amana: Missing: --purposes, --reason. Give them, or run the command in a terminal, where it asks.\n',
    );
    expect(code).toBe(2);
  });
});

/** Runs a command at a terminal, answering each question as it comes; Linux's `script` has the terminal. */
async function atTerminal(
  words: readonly string[],
  answers: readonly string[],
): Promise<{ text: string; code: number }> {
  const command = [AMANA, ...words].map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['-qec', command, '/dev/null'], { env: { ...process.env, ...custodian.environment } });
  const waiting = [...answers];
  let [text, asked] = ['', 0];
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
    const questions = text.split('\n> ').length - 1;
    while (asked < questions && waiting.length > 0) {
      asked += 1;
      child.stdin.write(waiting.shift());
    }
  });
  const code = await new Promise<number>((resolve) => child.once('close', (ended) => resolve(ended ?? -1)));
  return { text, code };
}

describe.skipIf(!existsSync('/usr/bin/script'))('at a terminal', () => {
  const words = () => ['grant', 'ngo-a', '--config', custodian.configuration, ...WHO, ...WHAT];

  it('a grant is asked for its purpose, end and reason, until each answer is of use', async () => {
    const answers = ['CURIOSITY\r', 'identification, RESEARCH\r', `${day(800)}\r`, `${day(30)}\r`, 'طلب اللجنة ١٧\r'];
    const { text, code } = await atTerminal(words(), answers);
    expect(text).toContain('Choose from IDENTIFICATION');
    expect(text).toContain('It lies more than 2 years ahead');
    expect(text).toMatch(/Granted: [0-9a-f-]{36}/u);
    expect(code).toBe(0);
    expect(await listGrants(custodian.storage)).toMatchObject([
      { purposes: ['IDENTIFICATION', 'RESEARCH'], until: new Date(`${day(30)}T23:59:59Z`), reason: 'طلب اللجنة ١٧' },
    ]);
  });

  it('what was given is not asked for, and who leaves has granted nothing', async () => {
    const before = await listGrants(custodian.storage);
    const given = [...words(), '--purposes', 'RESEARCH', '--until', day(30)];
    const { text, code } = await atTerminal(given, ['\u0004']);
    expect(text).toContain('Why?');
    expect(text).not.toContain('Until when?');
    expect(text).toContain('Nothing was done');
    expect(code).toBe(2);
    expect(await listGrants(custodian.storage)).toEqual(before);
  });
});

describe('the list of grants', () => {
  beforeEach(async () => {
    if ((await listGrants(custodian.storage, { subject: 'soon' })).length > 0) return;
    await give('late', 300);
    await give('lapsed', -1, -9);
    await revoke(custodian.storage, await give('revoked', 20), 'archivist-a');
    await give('soon', 10);
    await give('sooner', 3);
    await give('to come', 40, 35);
  });

  const listed = async (...words: string[]): Promise<string[][]> => {
    const { code, stdout } = await custodian.amana('grants', ...words);
    expect(code).toBe(0);
    const rows = stdout.split('\n').map((line) => line.split(/ {2,}/u));
    return rows
      .filter(([state, , subject = '']) => state !== '' && !['', 'SUBJECT', 'analyst'].includes(subject))
      .map(([state = '', , subject = '']) => [subject, state]);
  };

  it('begins with what lapses first, and marks it', async () => {
    expect(await listed()).toEqual([
      ['sooner', 'in force !'],
      ['soon', 'in force !'],
      ['to come', 'not yet'],
      ['late', 'in force'],
    ]);
    const { stdout } = await custodian.amana('grants');
    expect(stdout).toMatch(new RegExp(`\\d in force, [23] of them \\(!\\) lapse before ${day(30)}\\.\n$`, 'u'));
  });

  it('shows what has lapsed or was revoked where that is asked for', async () => {
    expect((await listed('--all')).slice(4)).toEqual([
      ['revoked', 'revoked'],
      ['lapsed', 'lapsed'],
    ]);
  });

  it('shows what lapses within a given time, and nothing else', async () => {
    expect(await listed('--lapsing', '1w')).toEqual([['sooner', 'in force !']]);
    expect(await listed('--lapsing', '1h')).toEqual([]);
    expect((await custodian.amana('grants', '--lapsing', 'soon')).stderr).toContain('such as 45m, 12h, 30d or 2w');
    expect((await custodian.amana('grants', '--lapsing', '1w', '--all')).code).toBe(2);
  });

  it('is given as JSON with all there is to know', async () => {
    const { stdout } = await custodian.amana('grants', '--all', '--json', '--subject', 'revoked');
    expect(JSON.parse(stdout)).toMatchObject([
      { subject: 'revoked', state: 'revoked', revokedBy: 'archivist-a', reason: 'a test', lapsesSoon: false },
    ]);
  });
});
