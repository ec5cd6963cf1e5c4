import { type FileHandle, open } from 'node:fs/promises';
import iconv from 'iconv-lite';
import type { InventedArchive } from './archive.ts';
import type { GeneratedFile, GeneratedRow, ImageFolder } from './generated-file.ts';

/** What was written of one file: its rows, and how many of them are faulty, which every importer must reject. */
export interface FileWritten {
  readonly custodian: GeneratedFile['custodian'];
  readonly file: string;
  readonly rows: number;
  readonly faulty: number;
}

const CHARACTERS_AT_ONCE = 262_144;
const ROWS_BETWEEN_PROGRESS = 5_000;

/** Writes a delivered file row by row, to a path that does not exist yet; `onRows` is told how many there are. */
export async function writeFile(
  path: string,
  wanted: GeneratedFile,
  archive: InventedArchive,
  { images, onRows }: { readonly images: ImageFolder; readonly onRows: (rows: number) => void },
): Promise<FileWritten> {
  const handle = await open(path, 'wx');
  try {
    const text = new BufferedText(handle, wanted);
    if (wanted.columns) await text.add(wanted.columns);
    let [rows, faulty] = [0, 0];
    for await (const row of wanted.rows(archive, images)) {
      await text.add(row);
      rows += 1;
      const fault = faultAfter(row, rows - faulty, faulty, wanted);
      if (fault !== undefined) {
        await text.add(fault);
        rows += 1;
        faulty += 1;
      }
      if (rows % ROWS_BETWEEN_PROGRESS === 0) onRows(rows);
    }
    await text.flush();
    return { custodian: wanted.custodian, file: wanted.file, rows, faulty };
  } finally {
    await handle.close();
  }
}

/** Faulty rows lie among the good ones: the first after the tenth, so that also small deliveries have one. */
function faultAfter(
  row: GeneratedRow,
  good: number,
  faulty: number,
  { faults, file }: GeneratedFile,
): GeneratedRow | undefined {
  if (!faults || good % faults.every !== 10) return undefined;
  const kind = faults.kinds[faulty % faults.kinds.length];
  if (!kind) throw new RangeError(`${file} has no kinds of faults`);
  return kind(typeof row === 'string' ? [row] : row, faulty + 1);
}

class BufferedText {
  readonly #handle: FileHandle;
  readonly #file: GeneratedFile;
  #text: string;

  constructor(handle: FileHandle, file: GeneratedFile) {
    this.#handle = handle;
    this.#file = file;
    this.#text = file.byteOrderMark ? '\uFEFF' : '';
  }

  async add(row: GeneratedRow): Promise<void> {
    const { delimiter = ',', newline = '\n' } = this.#file;
    const line = typeof row === 'string' ? row : row.map((cell) => quoted(cell, delimiter)).join(delimiter);
    this.#text += line + newline;
    if (this.#text.length >= CHARACTERS_AT_ONCE) await this.flush();
  }

  async flush(): Promise<void> {
    await this.#handle.appendFile(iconv.encode(this.#text, this.#file.encoding ?? 'utf-8'));
    this.#text = '';
  }
}

/** A cell of delimited text (RFC 4180 §2). */
const quoted = (cell: string, delimiter: string): string =>
  cell.includes(delimiter) || /["\r\n]/u.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
