import { lstat, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeForOwner } from '../../src/cli/links.ts';
import { describeReport } from '../../src/cli/import.ts';
import { visibleJson, visibleText } from '../../src/cli/visible-text.ts';

const HOSTILE = 'a\u001B[2J\u009B31m\u202Eb\n\u{E0001}محمد.csv';
const SEEN = 'a\\u001b[2J\\u009b31m\\u202eb\\u000a\\udb40\\udc01محمد.csv';

it('shows a text that others chose without any character that a terminal obeys', () => {
  expect(visibleText(HOSTILE)).toBe(SEEN);
  expect(visibleJson({ [HOSTILE]: [HOSTILE] })).not.toMatch(/[^\P{C}\n]/u);
  expect(JSON.parse(visibleJson({ [HOSTILE]: [HOSTILE] }))).toEqual({ [HOSTILE]: [HOSTILE] });
});

it('so names in a report the files that it does not know, and says which labels were kept', () => {
  const nothing = { files: [], absent: [], rejects: [] };
  const labelsKept = [{ file: 'collections.csv', line: 2, labels: ['COORDINATED' as const] }];
  const report = describeReport({ ...nothing, notImported: [HOSTILE], labelsKept }, undefined);
  expect(report).toContain(`Not imported, there is no record type for them: ${SEEN}\n`);
  expect(report).toContain('Kept: collections.csv, line 2: COORDINATED, which a delivery cannot take off\n');
});

it('writes links to a file of its own, for its owner only, in the place of a readable file or a symbolic link', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'amana-cli-'));
  try {
    const [out, target] = [join(directory, 'out'), join(directory, 'target')];
    await writeFile(out, 'before', { mode: 0o644 });
    writeForOwner(out, 'links', 'a summary');
    expect((await stat(out)).mode & 0o777).toBe(0o600);
    await writeFile(target, 'before', { mode: 0o644 });
    await rm(out);
    await symlink(target, out);
    writeForOwner(out, 'links', 'a summary');
    expect((await lstat(out)).isFile()).toBe(true);
    expect(await readFile(out, 'utf8')).toBe('links\n');
    expect(await readFile(target, 'utf8')).toBe('before');
    expect(() => writeForOwner(join(directory, 'none', 'out'), 'links', '')).toThrow(/cannot be written/u);
  } finally {
    await rm(directory, { recursive: true });
  }
});
