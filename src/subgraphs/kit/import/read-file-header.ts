import iconv from 'iconv-lite';
import { holdsRejects } from './delimited-rejects.ts';
import { ImportError } from './fault.ts';
import { DELIMITERS, type Encoding, type FileMapping, columnName } from './file-mapping.ts';
import { openRegularFile } from './open-regular-file.ts';
import { readCells } from './split-records.ts';

/** How a delivered file is written, as far as its beginning tells. */
export interface FileHeader {
  readonly encoding: Encoding;
  readonly delimiter: string;
  /** In the order of the file, in the form of `columnName`. */
  readonly columns: readonly string[];
  /** The columns as written. */
  readonly names: readonly string[];
}

const SAMPLE = 65_536;

/**
 * Finds out encoding, delimiter and columns, as far as the mapping does not state them. A byte order mark counts more
 * than what is stated, and so do the columns of rejected rows, which a spreadsheet may have saved in its own way. Throws
 * `ImportError` where the header is not there or lacks a column.
 */
export async function readFileHeader(path: string, mapping: FileMapping): Promise<FileHeader> {
  // One that is to be omitted, too: misspelt, it would be kept.
  const needed = [...mapping.columns.values(), ...mapping.omitted];
  const sample = await readSample(path);
  const marked = encodingByMark(sample);
  const guessed = bestHeader(sample, marked ?? guessEncoding(sample), Object.values(DELIMITERS), needed);
  const { header, lacking } = holdsRejects(guessed.header.columns)
    ? guessed
    : bestHeader(
        sample,
        marked ?? mapping.encoding ?? guessed.header.encoding,
        mapping.delimiter === undefined ? Object.values(DELIMITERS) : [mapping.delimiter],
        needed,
      );
  if (lacking.length > 0) {
    throw new ImportError(
      `${mapping.file}: its first line must name the columns ${needed.join(', ')}; there is no ${lacking.join(', no ')}.`,
    );
  }
  if (new Set(header.columns).size < header.columns.length)
    throw new ImportError(`${mapping.file}: its first line names a column twice.`);
  return header;
}

interface Candidate {
  readonly header: FileHeader;
  readonly lacking: readonly string[];
}

function bestHeader(
  sample: Buffer,
  encoding: Encoding,
  delimiters: readonly string[],
  needed: readonly string[],
): Candidate {
  const [line = ''] = iconv.decode(sample, encoding).split(/[\r\n]/u, 1);
  const candidates = delimiters.map((delimiter) => {
    const cells = readCells(line, delimiter);
    const names = typeof cells === 'string' ? [] : cells;
    const columns = names.map(columnName);
    return {
      header: { encoding, delimiter, columns, names },
      lacking: needed.filter((column) => !columns.includes(column)),
    };
  });
  return candidates.reduce((a, b) => (b.lacking.length < a.lacking.length ? b : a));
}

async function readSample(path: string): Promise<Buffer> {
  const handle = await openRegularFile(path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(SAMPLE), 0, SAMPLE, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

function encodingByMark(sample: Buffer): Encoding | undefined {
  if (sample[0] === 0xff && sample[1] === 0xfe) return 'utf-16le';
  if (sample[0] === 0xfe && sample[1] === 0xff) return 'utf-16be';
  if (sample[0] === 0xef && sample[1] === 0xbb && sample[2] === 0xbf) return 'utf-8';
  return undefined;
}

/**
 * UTF-8, unless more of what is not ASCII is unreadable in it than readable: a single damaged letter must not make a
 * whole archive be read in another alphabet.
 */
function guessEncoding(sample: Buffer): Encoding {
  const foreign = sample.toString('utf8').match(/[^\0-\x7F]/gu) ?? [];
  const damaged = foreign.filter((character) => character === '\uFFFD').length;
  return damaged > foreign.length - damaged ? 'windows-1256' : 'utf-8';
}
