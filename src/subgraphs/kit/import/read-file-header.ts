import { open } from 'node:fs/promises';
import iconv from 'iconv-lite';
import { ImportError } from './fault.ts';
import { plainText } from './plain-text.ts';
import { readCells } from './split-records.ts';

/** How a delivered file is written, as far as its beginning tells. */
export interface FileHeader {
  readonly encoding: 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1256';
  readonly delimiter: string;
  /** In the order of the file, small letters. */
  readonly columns: readonly string[];
}

const SAMPLE = 65_536;
const DELIMITERS = [',', ';', '\t', '|'];

/** Finds out encoding, delimiter and columns; throws `ImportError` where the header is not there or lacks a column. */
export async function readFileHeader(input: {
  path: string;
  file: string;
  columns: readonly string[];
}): Promise<FileHeader> {
  const sample = await readSample(input.path);
  const encoding = detectEncoding(sample);
  const [line = ''] = iconv.decode(sample, encoding).split(/[\r\n]/u, 1);
  const candidates = DELIMITERS.map((delimiter) => {
    const cells = readCells(line, delimiter);
    const columns = typeof cells === 'string' ? [] : cells.map((name) => plainText(name).toLowerCase());
    return { encoding, delimiter, columns, lacking: input.columns.filter((column) => !columns.includes(column)) };
  });
  const best = candidates.reduce((a, b) => (b.lacking.length < a.lacking.length ? b : a));
  if (best.lacking.length > 0) {
    throw new ImportError(
      `${input.file}: its first line must name the columns ${input.columns.join(', ')}; there is no ${best.lacking.join(', no ')}.`,
    );
  }
  if (new Set(best.columns).size < best.columns.length)
    throw new ImportError(`${input.file}: its first line names a column twice.`);
  return best;
}

async function readSample(path: string): Promise<Buffer> {
  const handle = await open(path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(SAMPLE), 0, SAMPLE, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/**
 * The encoding by its byte order mark; else UTF-8, unless more of what is not ASCII is unreadable in it than readable:
 * a single damaged letter must not make a whole archive be read in another alphabet.
 */
function detectEncoding(sample: Buffer): FileHeader['encoding'] {
  if (sample[0] === 0xff && sample[1] === 0xfe) return 'utf-16le';
  if (sample[0] === 0xfe && sample[1] === 0xff) return 'utf-16be';
  const foreign = sample.toString('utf8').match(/[^\0-\x7F]/gu) ?? [];
  const damaged = foreign.filter((character) => character === '\uFFFD').length;
  return damaged > foreign.length - damaged ? 'windows-1256' : 'utf-8';
}
