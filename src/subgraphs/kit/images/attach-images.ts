import { mkdirSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { takeLock } from '../../../protocol/exclusive-lock.ts';
import { ImportError, ImportInterrupted } from '../import/fault.ts';
import { compile, sql } from '../sql.ts';
import type { Storage } from '../storage.ts';
import type { ImageRecords } from './image-records.ts';
import type { RefusalReason } from './image-refusal.ts';
import { ImageThread } from './image-thread.ts';
import type { ImageOutcome, ImageTask, ImageWork } from './image-worker.ts';

/** Which images are attached to which records, and under which key they are kept. */
export interface ImageImport {
  readonly storage: Pick<Storage, 'query'>;
  readonly images: ImageRecords;
  /** The delivery's folder. */
  readonly folder: string;
  /** The custodian's image key. */
  readonly secret: Uint8Array;
  /** The directory that sealed originals are written to; undefined where originals stay where they are. */
  readonly originals?: string;
  /** How many worker threads; each holds one image at a time. */
  readonly workers?: number;
  /** Stops it; what has been attached stays. */
  readonly signal?: AbortSignal;
  /** How many of the images named have been looked at. */
  readonly onProgress?: (done: number, named: number) => void;
}

/** An image that was not attached, by the line that names it: fit for a terminal. */
export interface ImageNotice {
  readonly file: string;
  readonly line: number;
  /** When the file was delivered that has the row on that line, to the minute (ISO 8601, UTC): often an earlier delivery. */
  readonly deliveredAt: string;
  readonly outcome: 'MISMATCHED' | RefusalReason;
}

/** What became of the images that records name: attached + mismatched + missing + refused = named. */
export interface ImageReport {
  readonly named: number;
  /** Now or by an earlier import. */
  readonly attached: number;
  /** Not what the list says: the SHA-256 differs. */
  readonly mismatched: number;
  /** Not attached, and not in this delivery. */
  readonly missing: number;
  readonly refused: number;
  /** Made ready by this import, each second. */
  readonly imagesPerSecond: number;
  /** The first 1,000 that were mismatched or refused. */
  readonly notices: readonly ImageNotice[];
}

interface NamedImage extends ImageTask {
  readonly reference: string;
  readonly isAttached: boolean;
}

type Counts = Record<'attached' | 'mismatched' | 'missing' | 'refused' | 'made', number>;

const MOST_WORKERS = 4;
const PAGE = 500;
const MOST_NOTICES = 1_000;

/**
 * Attaches the images that accepted records name and the delivery brings: each is read safely, held against its listed
 * SHA-256, decoded in a worker thread and kept as sealed derivatives, one statement an image. What is attached already
 * is left as it is, so that the same delivery again changes nothing, and an import that was broken off goes on. Throws
 * `ImportError` where another import is sealing originals, and whatever prevents an image from being read at all.
 */
export async function attachImages(work: ImageImport): Promise<ImageReport> {
  const { images, folder, secret, originals } = work;
  const release = originals === undefined ? undefined : await takeOriginals(originals);
  const data: ImageWork = { folder: join(folder, images.folder), secret, originals };
  const count = work.workers ?? Math.min(MOST_WORKERS, availableParallelism());
  const threads = Array.from({ length: count }, () => new ImageThread(data));
  const stop = (): void => threads.forEach((thread) => void thread.close());
  work.signal?.addEventListener('abort', stop, { once: true });
  try {
    return await attachAll(work, threads);
  } catch (cause) {
    if (!work.signal?.aborted) throw cause;
    throw new ImportInterrupted(
      'Interrupted: the rows are imported and the images attached so far stay. Run the same command again to attach the others.',
      { cause },
    );
  } finally {
    work.signal?.removeEventListener('abort', stop);
    await Promise.all(threads.map((thread) => thread.close()));
    release?.();
  }
}

async function attachAll(work: ImageImport, threads: readonly ImageThread[]): Promise<ImageReport> {
  const counts: Counts = { attached: 0, mismatched: 0, missing: 0, refused: 0, made: 0 };
  const notices: ImageNotice[] = [];
  const named = await countNamed(work);
  const started = performance.now();
  let done = 0;
  const waiting = namedImages(work);
  const lanes = threads.map(async (thread) => {
    for await (const image of waiting) {
      work.signal?.throwIfAborted();
      if (image.isAttached) counts.attached += 1;
      else await attachOne(work, thread, image, counts, notices);
      done += 1;
      work.onProgress?.(done, named);
    }
  });
  const failed = (await Promise.allSettled(lanes)).find((lane) => lane.status === 'rejected');
  if (failed) throw failed.reason;
  const { made, ...rest } = counts;
  const seconds = (performance.now() - started) / 1000;
  const inOrder = notices.toSorted((a, b) => a.line - b.line);
  return { named, ...rest, imagesPerSecond: Math.round((made / seconds) * 10) / 10, notices: inOrder };
}

async function attachOne(
  work: ImageImport,
  thread: ImageThread,
  { record, path, digest }: NamedImage,
  counts: Counts,
  notices: ImageNotice[],
): Promise<void> {
  const result = await thread.run({ record, path, digest });
  if (result.outcome === 'READY') {
    await keep(work, { record, path, digest }, result);
    counts.attached += 1;
    counts.made += 1;
  } else if (result.outcome === 'MISSING') counts.missing += 1;
  else {
    counts[result.outcome === 'REFUSED' ? 'refused' : 'mismatched'] += 1;
    const outcome = result.outcome === 'REFUSED' ? result.reason : result.outcome;
    if (notices.length < MOST_NOTICES) notices.push({ ...(await whereNamed(work, record)), outcome });
  }
}

/** One statement, so that an image is attached whole or not at all; and only while the list still says what was checked. */
async function keep(
  { storage, images }: ImageImport,
  { record, digest }: ImageTask,
  { blurred, reduced, original }: ImageOutcome & { outcome: 'READY' },
): Promise<void> {
  await storage.query(
    compile(sql`
      with kept as (
        insert into ${sql.table(images.derivatives)} as old (record, digest, blurred, reduced, original)
          select id, sha256, ${Buffer.from(blurred)}::bytea, ${Buffer.from(reduced)}::bytea, ${original}::text
            from ${sql.table(images.table)} where id = ${record} and sha256 = ${digest}
        on conflict (record) do update set digest = excluded.digest, blurred = excluded.blurred,
          reduced = excluded.reduced, original = excluded.original
        returning record, digest)
      update ${sql.table(images.table)} named set image = kept.digest from kept where named.id = kept.record`),
  );
}

async function* namedImages({ storage, images, originals }: ImageImport): AsyncGenerator<NamedImage> {
  for (let after = ''; ;) {
    const page = await storage.query<NamedImage>(
      compile(sql`
        select named.id as record, named.reference, original.path, named.sha256 as digest,
            (named.image is not null and named.image is not distinct from named.sha256
              and (kept.original is not null or ${originals === undefined})) as "isAttached"
          from ${sql.table(images.table)} named
          join ${sql.table(images.originals)} original using (reference)
          left join ${sql.table(images.derivatives)} kept on kept.record = named.id
          where original.path is not null and named.reference > ${after}
          order by named.reference limit ${PAGE}`),
    );
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return;
    after = last.reference;
  }
}

async function countNamed({ storage, images }: ImageImport): Promise<number> {
  const [row] = await storage.query<{ named: number }>(
    compile(sql`
      select count(*)::int as named from ${sql.table(images.table)}
        join ${sql.table(images.originals)} original using (reference) where original.path is not null`),
  );
  return row?.named ?? 0;
}

/** The line that names a record's image, in the delivery that first had the row as it is now. */
async function whereNamed({ storage }: ImageImport, record: string): Promise<Omit<ImageNotice, 'outcome'>> {
  const [row] = await storage.query<Omit<ImageNotice, 'outcome'>>({
    sql: `select file, line, to_char(delivered_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI"Z"') as "deliveredAt"
      from delivered_rows where record_id = $1 and superseded_at is null order by id desc limit 1`,
    parameters: [record],
  });
  return row ?? { file: '', line: 0, deliveredAt: '' };
}

/** The directory of sealed originals, for this process alone, without what an import that was broken off left there. */
async function takeOriginals(directory: string): Promise<() => void> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const release = takeLock(join(directory, 'lock'));
  if (!release) throw new ImportError('Another import is sealing originals. Wait until it has ended, then try again.');
  const left = (await readdir(directory)).filter((name) => name.endsWith('.part'));
  await Promise.all(left.map((name) => rm(join(directory, name))));
  return release;
}
