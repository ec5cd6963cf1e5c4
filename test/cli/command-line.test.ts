import { mkdtemp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AMANA, runAmana } from './run-amana.ts';

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'amana-cli-'));
});
afterAll(() => rm(cwd, { recursive: true }));

const amana = (...words: string[]) => runAmana(words, { cwd });

const COMMANDS = [
  ...['demo', 'token', 'gateway', 'custodian', 'import', 'grant', 'revoke', 'grants', 'accesses', 'check', 'confirm'],
  ...['links', 'links held', 'links export', 'links import'],
];

const ENDS = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);

const GRANT = [
  ...[
    'grant',
    'ministry',
    '--subject',
    'analyst',
    '--organisation',
    'commission',
    '--recipient',
    'NAMED_ORGANISATIONS',
  ],
  ...['--scopes', 'ministry:registered', '--purposes', 'IDENTIFICATION', '--until', ENDS, '--reason', 'Request 17'],
];

describe('help', () => {
  test.each(COMMANDS)('"amana %s" explains itself, with an example and its exit codes', async (command) => {
    const { code, stdout, stderr } = await amana(...command.split(' '), '--help');
    expect(code).toBe(0);
    expect(stderr).toBe('');
    expect(stdout).toContain(`Usage: amana ${command}`);
    expect(stdout).toMatch(/Examples?:\n {2}\$ amana /u);
    expect(stdout).toContain('Exit codes: 0 done, 1 failed, 2 wrong usage.');
  });

  test('without a command the list of commands is shown, as wrong usage', async () => {
    const { code, stderr } = await amana();
    expect(code).toBe(2);
    expect(stderr).toContain('Commands:');
  });
});

describe('wrong usage ends with exit code 2 and a sentence that says what to do', () => {
  test.each([
    ['an unknown command', ['grnat'], "unknown command 'grnat'"],
    ['an unknown option', ['grants', 'ngo-a', '--jsn'], "unknown option '--jsn'"],
    ['a missing argument', ['grants'], "missing required argument 'custodian'"],
    ['a superfluous argument', ['demo', 'again'], 'too many arguments'],
    ['what is no custodian id', ['grants', 'NGO A'], 'A custodian is named by its id'],
    ['a grant id that is none', ['revoke', 'ngo-a', '17'], 'as "amana grants" shows it'],
    ['an unknown recipient kind', [...GRANT, '--recipient', 'FRIENDS'], 'Choose from AUTHORITY_ONLY, GOVERNMENT'],
    ['two recipient kinds', [...GRANT, '--recipient', 'COURT,GOVERNMENT'], 'Choose one of AUTHORITY_ONLY'],
    ['an unknown purpose', [...GRANT, '--purposes', 'CURIOSITY'], 'Choose from IDENTIFICATION'],
    ['an unknown label', [...GRANT, '--clears', 'SECRET'], 'Choose from COORDINATED'],
    ['a day that does not exist', [...GRANT, '--until', '2099-02-30'], 'Give a day such as 2027-06-30'],
    ['an empty purpose', [...GRANT, '--purposes', ''], 'Name at least one of IDENTIFICATION'],
    ['a term in the past', [...GRANT, '--until', '2020-01-01'], 'lies in the past'],
    ['a term without end', [...GRANT, '--until', '2999-01-01'], 'It lies more than 2 years ahead. Choose 20'],
    ['an empty reason', [...GRANT, '--reason', '  '], 'It must not be empty'],
    ['an empty scope', [...GRANT, '--scopes', 'ministry:registered,,'], 'single commas'],
    ['what is no port', ['demo', '--port', '70000'], 'A port is a number from 0 to 65535'],
    ['a configuration file that is not there', ['gateway', '--config', 'none.yaml'], 'there is no such file'],
    ['no configuration and no demo', ['grants', 'ngo-a'], 'Name its file with --config'],
    ['an export file that is not there', ['links', 'import', 'ngo-a', 'none.jws', '--config', AMANA], 'cannot be read'],
  ])('%s', async (_, words, sentence) => {
    const { code, stdout, stderr } = await amana(...words);
    expect(stderr).toContain(sentence);
    expect(stderr).toMatch(/^amana: /u);
    expect(stderr).not.toContain('    at ');
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });

  test.each(['--subject', '--organisation', '--recipient', '--scopes'])('a grant without %s', async (option) => {
    const position = GRANT.indexOf(option);
    const { code, stderr } = await amana(...GRANT.filter((_, index) => index !== position && index !== position + 1));
    expect(stderr).toContain(`required option '${option} `);
    expect(code).toBe(2);
  });
});

describe('failures end with exit code 1', () => {
  test('a configuration with faults names all of them', async () => {
    const file = join(cwd, 'faulty.yaml');
    await writeFile(file, 'mode: test\ncustodian: ngo-a\nnonsense: true\n');
    const { code, stderr } = await amana('grants', 'ngo-a', '--config', file);
    expect(stderr).toContain('mode: ');
    expect(stderr).toContain('nonsense');
    expect(stderr).not.toContain('    at ');
    expect(code).toBe(1);
  });

  test('no token where no demo runs', async () => {
    const { code, stdout, stderr } = await amana('token', 'analyst');
    expect(stderr).toContain('No demo runs on .amana/demo. Start it with "amana demo"');
    expect(stdout).toBe('');
    expect(code).toBe(1);
  });

  test('the stack is shown when it is asked for', async () => {
    const { stderr } = await runAmana(['token', 'analyst'], { cwd, env: { AMANA_DEBUG: '1' } });
    expect(stderr).toContain('    at ');
  });
});

describe('the executable', () => {
  test('runs on the pinned Node through chains of symbolic links', async () => {
    const bin = join(cwd, 'node_modules', '.bin');
    await mkdir(bin, { recursive: true });
    await symlink(AMANA, join(bin, 'first'));
    await symlink('first', join(bin, 'amana'));
    const { code, stdout } = await runAmana(['--version'], { cwd, command: join(bin, 'amana') });
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/u);
    expect(code).toBe(0);
  });

  test('stays quiet when nobody reads its output any more', async () => {
    const { stderr } = await runAmana(['-c', `"${AMANA}" grant --help | head -1`], { cwd, command: '/bin/sh' });
    expect(stderr).toBe('');
  });
});
