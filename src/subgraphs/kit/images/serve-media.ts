import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ListedError } from '../../../protocol/errors.ts';
import type { Exchange } from '../exchange.ts';
import type { FieldRules } from '../field-rules.ts';
import { loadAccess } from '../grants.ts';
import { keyColumn } from '../key-column.ts';
import { compile, sql } from '../sql.ts';
import type { Storage } from '../storage.ts';
import { DERIVATIVE_TYPE } from './image-link.ts';
import type { ImageRecords } from './image-records.ts';
import type { ImageVault } from './image-vault.ts';
import type { LinkedImage, MediaLinks } from './media-links.ts';

/** The images that a custodian serves. */
export interface Media {
  readonly images: ImageRecords;
  readonly vault: ImageVault;
  readonly links: MediaLinks;
}

/** What serving images needs of the custodian's server; `now` is milliseconds since 1970. */
export interface MediaParts {
  readonly custodian: string;
  readonly media: Media;
  readonly rules: FieldRules;
  readonly storage: Pick<Storage, 'query' | 'read'>;
  readonly now: () => number;
}

interface SealedImage {
  readonly sealed: Buffer;
  readonly digest: string;
}

const HEADERS = {
  'accept-ranges': 'none',
  'content-disposition': 'inline',
  'content-security-policy': "sandbox; default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
};

/**
 * Serves images at `/media/<handle>` (access.md §5). The handle is the capability: it names viewer, purpose, grant and
 * record, and all of that is checked anew. Whatever is wrong with it, the answer is `NOT_FOUND`, as for a handle that
 * never was. As every answer, an image leaves only after its row in the access log.
 */
export function serveMedia(
  server: FastifyInstance,
  parts: MediaParts,
  exchangeOf: (request: FastifyRequest) => Exchange,
): void {
  server.get<{ Params: { handle: string } }>('/media/:handle', async (request, reply) => {
    const exchange = exchangeOf(request);
    exchange.isForViewers = true;
    // Before the handle is looked at, so that it says nothing about the handle.
    if (request.headers.range !== undefined) throw new ListedError('RANGE_REFUSED');
    const link = parts.media.links.find(request.params.handle);
    if (!link) throw new ListedError('NOT_FOUND');
    const image = await openImage(parts, link, exchange);
    return reply.headers(HEADERS).type(DERIVATIVE_TYPE).send(image);
  });
}

async function openImage(
  { custodian, media, rules, storage, now }: MediaParts,
  { record, viewer, grant: id }: LinkedImage,
  exchange: Exchange,
): Promise<Buffer> {
  const { coordinate } = media.images;
  exchange.subject = viewer.subject;
  exchange.viewer = viewer;
  exchange.account.coordinates.add(coordinate);
  const { access } = await loadAccess(storage, { custodian, ...viewer, now });
  const own = access.through(id);
  const [grant] = own.grants;
  const variant = grant?.clears.has('GRAPHIC') ? 'REDUCED' : 'BLURRED';
  const labelSets = own.visibleLabelSets(rules.requirementOf(coordinate));
  const [found] = await storage.read<SealedImage>(labelSets, sealedImage(media.images, record, variant));
  if (!found) throw new ListedError('NOT_FOUND');
  exchange.asksRecords = true;
  exchange.account.records.add(record);
  const image = media.vault.open(found.sealed, { what: variant, record, digest: found.digest });
  if (variant === 'BLURRED') return image;
  // The image library takes up memory that a custodian whose images nobody opens does not need.
  const { watermark } = await import('./watermark.ts');
  return watermark(image, viewer.subject, new Date(now()));
}

/** The image of a record that row security shows (looked for when that is known), where the list still gives its digest. */
export const sealedImage = (
  { table, derivatives }: ImageRecords,
  record: string,
  variant: 'BLURRED' | 'REDUCED',
): ReturnType<typeof compile> =>
  compile(sql`
    select kept.sealed, kept.digest from ${sql.table(table)} named
      cross join lateral (
        select ${sql.ref(variant.toLowerCase())} as sealed, digest from ${sql.table(derivatives)}
          where record = named.id offset 0
      ) kept
      where ${keyColumn('named.id')} = ${record} and named.image = kept.digest and named.sha256 = kept.digest`);
