import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FileLedger } from '../../src/gateway/ledger/file-ledger.ts';

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'amana-ledger-'));
  file = join(directory, 'log', 'gateway.jsonl');
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(directory, { recursive: true });
});

const entries = (): unknown[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));

test('a second gateway is refused the file that one writes, and gets it when that one has ended', async () => {
  const first = await FileLedger.open(file, Date.now);
  await expect(FileLedger.open(file, Date.now)).rejects.toThrow('another gateway writes this log');
  await first.append({ event: 'OPENED' });
  await first.close();
  await (await FileLedger.open(file, Date.now)).close();
  expect(entries()).toEqual([{ event: 'OPENED' }]);
});

/** The prototype of all file handles: where a test makes the disk fail. */
async function handles(): Promise<FileHandle> {
  const handle = await open('/dev/null');
  await handle.close();
  return Object.getPrototypeOf(handle);
}

const full = (): Error => Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });

describe('the file ledger', () => {
  test('keeps entries in order, for its owner only, and goes on after a restart', async () => {
    const ledger = await FileLedger.open(file, Date.now);
    await ledger.append({ n: 1 });
    await ledger.append({ n: 2 });
    await ledger.close();
    const again = await FileLedger.open(file, Date.now);
    await again.append({ n: 3 });
    await again.close();
    expect(entries()).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(directory, 'log')).mode & 0o777).toBe(0o700);
  });

  test('syncs all that wait at once', async () => {
    const ledger = await FileLedger.open(file, Date.now);
    const datasync = vi.spyOn(await handles(), 'datasync');
    await Promise.all(Array.from({ length: 100 }, (_, n) => ledger.append({ n })));
    expect(datasync.mock.calls.length).toBeLessThan(5);
    expect(entries()).toHaveLength(100);
    await ledger.close();
  });

  test('has an entry on disk before it says so', async () => {
    const ledger = await FileLedger.open(file, Date.now);
    const datasync = vi.spyOn(await handles(), 'datasync');
    await ledger.append({ n: 1 });
    expect(datasync).toHaveBeenCalledOnce();
    await ledger.close();
  });

  test('refuses on a full disk, leaves no half line, and serves again when there is room', async () => {
    const ledger = await FileLedger.open(file, Date.now);
    await ledger.append({ n: 1 });
    const prototype = await handles();
    const write = prototype.write;
    let calls = 0;
    vi.spyOn(prototype, 'write').mockImplementation(function half(this: FileHandle, ...given: unknown[]) {
      calls += 1;
      if (calls > 1) return Promise.reject(full());
      const [bytes, offset, length, position] = given as [Buffer, number, number, number];
      return Reflect.apply(write, this, [bytes, offset, Math.floor(length / 2), position]);
    } as typeof prototype.write);
    await expect(ledger.append({ n: 2, text: 'x'.repeat(100) })).rejects.toThrow('no space');
    expect(entries()).toEqual([{ n: 1 }]);
    vi.restoreAllMocks();
    await ledger.append({ n: 3 });
    expect(entries()).toEqual([{ n: 1 }, { n: 3 }]);
    await ledger.close();
  });

  test('takes what could not be synced as not written', async () => {
    const ledger = await FileLedger.open(file, Date.now);
    vi.spyOn(await handles(), 'datasync').mockRejectedValueOnce(Object.assign(new Error('i/o'), { code: 'EIO' }));
    await expect(ledger.append({ n: 1 })).rejects.toThrow('i/o');
    await ledger.append({ n: 2 });
    expect(entries()).toEqual([{ n: 2 }]);
    await ledger.close();
  });

  test('cuts half a write off later where that fails at first too', async () => {
    const ledger = await FileLedger.open(file, Date.now);
    const prototype = await handles();
    vi.spyOn(prototype, 'datasync').mockRejectedValueOnce(full());
    vi.spyOn(prototype, 'truncate').mockRejectedValueOnce(full());
    await expect(ledger.append({ n: 1 })).rejects.toThrow('no space');
    await ledger.append({ n: 2 });
    expect(entries()).toEqual([{ n: 2 }]);
    await ledger.close();
  });

  test('opens its file anew where the handle has gone', async () => {
    const ledger = await FileLedger.open(file, Date.now);
    await ledger.append({ n: 1 });
    vi.spyOn(await handles(), 'stat').mockRejectedValueOnce(
      Object.assign(new Error('bad descriptor'), { code: 'EBADF' }),
    );
    await expect(ledger.append({ n: 2 })).rejects.toThrow('bad descriptor');
    await ledger.append({ n: 3 });
    expect(entries()).toEqual([{ n: 1 }, { n: 3 }]);
    await ledger.close();
  });

  test('writes nothing into a file that somebody else has changed or removed', async () => {
    const ledger = await FileLedger.open(file, Date.now);
    await ledger.append({ n: 1 });
    appendFileSync(file, '{"n":"another process"}\n');
    await expect(ledger.append({ n: 2 })).rejects.toThrow(/somebody else/u);
    truncateSync(file, 8);
    expect(entries()).toEqual([{ n: 1 }]);
    unlinkSync(file);
    await expect(ledger.append({ n: 3 })).rejects.toThrow(/somebody else/u);
    await ledger.close();
  });

  test('takes a torn last line out after a crash, and keeps what it said', async () => {
    const ledger = await FileLedger.open(file, Date.now);
    await ledger.append({ n: 1 });
    await ledger.close();
    appendFileSync(file, '{"event":"OPENED","id":"to');
    const again = await FileLedger.open(file, () => 0);
    await again.append({ n: 2 });
    expect(entries()).toEqual([
      { n: 1 },
      { event: 'RECOVERED', at: '1970-01-01T00:00:00.000Z', torn: '{"event":"OPENED","id":"to' },
      { n: 2 },
    ]);
    await again.close();
  });

  test('does not take a file for a log that is none', async () => {
    const ledger = await FileLedger.open(file, Date.now);
    await ledger.close();
    writeFileSync(file, 'x'.repeat(2_000_000));
    await expect(FileLedger.open(file, Date.now)).rejects.toThrow(/does not end in lines/u);
    expect(statSync(file).size).toBe(2_000_000);
  });
});
