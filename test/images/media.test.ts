import { request } from 'node:http';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readAccessLog } from '../../src/subgraphs/kit/access-log.ts';
import { revoke } from '../../src/subgraphs/kit/grants.ts';
import { attachImages } from '../../src/subgraphs/kit/images/attach-images.ts';
import { ImageVault } from '../../src/subgraphs/kit/images/image-vault.ts';
import { ngo } from '../../src/subgraphs/ngo/custodian.ts';
import { type Question, type TemporaryCustodian, temporaryCustodian } from '../kit/temporary-custodian.ts';
import { temporaryDirectory } from '../kit/temporary-directory.ts';
import { chequered, digestOf, sharpnessOf } from './pictures.ts';

const SCOPES = ['ngo:registered', 'ngo:imagery'];
const REQUEST_ID = { 'amana-request-id': 'the-same-request' };

let custodian: TemporaryCustodian;
let other: TemporaryCustodian;
let coordinated: number;
const given: { custodian: TemporaryCustodian; id: string }[] = [];

/** Fills a custodian with a visible photograph, one that is COORDINATED, and one without an image. */
async function fill(filled: TemporaryCustodian): Promise<void> {
  const { directory, remove } = await temporaryDirectory();
  const contents = [await chequered('jpeg'), await chequered('png'), await grey()];
  coordinated = await filled.labelSet('COORDINATED');
  const record = { label_set: 1, labels: [], sort_key: '1' };
  await filled.insert('collections', [
    { ...record, id: 'c', reference: 'C-1', title: 'C', review_status: 'PRELIMINARY' },
  ]);
  const photographs = [...contents.map(digestOf), 'f'.repeat(64)].map((sha256, n) => ({
    ...{ ...record, id: `ngo-a:p${n}`, reference: `P${n}`, sort_key: `${n}`, review_status: 'PRELIMINARY' },
    ...{ collection: 'c', sha256, labels: ['GRAPHIC'], label_set: n === 1 ? coordinated : 1 },
  }));
  await filled.insert('photographs', photographs);
  await filled.insert(
    'photograph_originals',
    photographs.map(({ reference }, n) => ({ id: `o${n}`, reference, label_set: 1, labels: [], path: `${n}.jpg` })),
  );
  await mkdir(join(directory, 'images'));
  for (const [n, content] of contents.entries()) await writeFile(join(directory, 'images', `${n}.jpg`), content);
  const { images } = ngo.delivery;
  if (!images) throw new Error('photographs have images');
  const work = { storage: filled.storage, images, folder: directory, secret: filled.imageSecret, workers: 1 };
  expect((await attachImages(work)).attached).toBe(3);
  await remove();
}

const grey = (): Promise<Buffer> =>
  sharp({ create: { width: 1000, height: 600, channels: 3, background: '#808080' } })
    .jpeg()
    .toBuffer();

beforeAll(async () => {
  custodian = await temporaryCustodian('ngo-a', ngo);
  other = await temporaryCustodian('ngo-b', ngo);
  await fill(custodian);
  await fill(other);
});
afterAll(async () => {
  await custodian?.close();
  await other?.close();
});
afterEach(async () => {
  custodian.ahead = 0;
  custodian.failing = false;
  for (const { custodian, id } of given.splice(0)) await revoke(custodian.storage, id, 'the test').catch(() => {});
});

async function grant(details: Partial<Parameters<TemporaryCustodian['grant']>[0]> = {}, at = custodian) {
  const id = await at.grant({ scopes: SCOPES, ...details });
  given.push({ custodian: at, id });
  return id;
}

interface Image {
  readonly url: string;
  readonly expiresAt: string;
  readonly variant: string;
  readonly contentType: string;
}

const IMAGES = '{ photographs(first: 10) { nodes { id image { url expiresAt variant contentType } } } }';

/** The links to images that a viewer is given, by record. */
async function links(question: Question = {}, at = custodian): Promise<Record<string, Image | null>> {
  const { data } = await at.ask(IMAGES, question);
  return Object.fromEntries(data.photographs.nodes.map(({ id, image }: { id: string; image: Image }) => [id, image]));
}

const linkTo = async (record: string, question: Question = {}, at = custodian): Promise<Image> =>
  (await links(question, at))[record]!;

/** Fetches a link as a browser would: without any credential. */
async function get(url: string, init: RequestInit = {}, at = custodian) {
  const address = `${at.url}${new URL(url).pathname}`;
  const response = await fetch(address, { ...init, headers: { ...REQUEST_ID, ...init.headers } });
  return { status: response.status, headers: response.headers, body: Buffer.from(await response.arrayBuffer()) };
}

const shape = ({ status, headers, body }: Awaited<ReturnType<typeof get>>) => ({
  status,
  body: body.toString(),
  headers: [...headers].filter(([name]) => name !== 'date' && name !== 'keep-alive'),
});

/** What any handle is answered with that opens nothing. */
const nothing = async () => shape(await get(`https://custodian.example/media/${'A'.repeat(22)}`));

const lastEntry = async () => (await readAccessLog(custodian.storage, { limit: 1 }))[0]!;

const unsealed = async (record: string, what: 'BLURRED' | 'REDUCED'): Promise<Buffer> => {
  const [row] = await custodian.storage.query<{ sealed: Buffer; digest: string }>({
    sql: `select ${what.toLowerCase()} as sealed, digest from photograph_images where record = $1`,
    parameters: [record],
  });
  return new ImageVault(custodian.imageSecret).open(row!.sealed, { what, record, digest: row!.digest });
};

describe('a link to an image', () => {
  it('is random, ends in a minute, and is there only for a photograph that has an image', async () => {
    await grant();
    const before = Date.now();
    const [first, again] = [await links(), await links()];
    expect(Object.keys(first)).toEqual(['ngo-a:p0', 'ngo-a:p2', 'ngo-a:p3']);
    expect(first['ngo-a:p3']).toBeNull();
    const image = first['ngo-a:p0']!;
    expect(image).toMatchObject({ variant: 'BLURRED', contentType: 'image/jpeg' });
    expect(image.url).toMatch(/^https:\/\/custodian\.example\/media\/[\w-]{22}$/u);
    expect(Date.parse(image.expiresAt) - before).toBeGreaterThanOrEqual(60_000);
    expect(Date.parse(image.expiresAt) - before).toBeLessThan(70_000);
    const handles = [...Object.values(first), ...Object.values(again)].flatMap((link) => (link ? [link.url] : []));
    expect(new Set(handles).size).toBe(4);
  });

  it('needs the scope of images, and costs no statement of its own', async () => {
    await grant({ scopes: ['ngo:registered', 'ngo:identifying', 'ngo:provenance'], clears: ['GRAPHIC'] });
    const { data, errors } = await custodian.ask(IMAGES);
    expect(data.photographs.nodes.map(({ image }: { image: unknown }) => image)).toEqual([null, null, null]);
    expect(new Set(errors.map(({ extensions }) => extensions.code))).toEqual(new Set(['FIELD_WITHHELD']));
    await grant();
    custodian.reads.length = 0;
    await links();
    expect(custodian.reads).toHaveLength(1);
  });
});

describe('a download', () => {
  it('is the blurred derivative, with headers that let nothing be kept, guessed or run', async () => {
    await grant();
    const { url } = await linkTo('ngo-a:p0');
    const { status, headers, body } = await get(url);
    expect(status).toBe(200);
    expect(body).toEqual(await unsealed('ngo-a:p0', 'BLURRED'));
    expect(await sharpnessOf(body)).toBeLessThan(12);
    expect(Object.fromEntries(headers)).toMatchObject({
      'cache-control': 'no-store',
      'content-type': 'image/jpeg',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining('sandbox'),
      'accept-ranges': 'none',
      'referrer-policy': 'no-referrer',
    });
    expect(headers.get('etag') ?? headers.get('last-modified')).toBeNull();
    expect((await get(url, { headers: { 'if-none-match': '*' } })).status).toBe(200);
  });

  it('is the reduced one only where the grant that gives it clears GRAPHIC: two half grants never add up', async () => {
    await grant();
    await grant({ scopes: ['ngo:registered'], clears: ['GRAPHIC'] });
    expect((await linkTo('ngo-a:p0')).variant).toBe('BLURRED');
    const whole = await grant({ clears: ['GRAPHIC'] });
    const { url, variant } = await linkTo('ngo-a:p0');
    expect(variant).toBe('REDUCED');
    expect((await sharp((await get(url)).body).metadata()).width).toBe(800);
    // The other grant stays in force, but the link was this one's.
    await revoke(custodian.storage, whole, 'the test');
    expect(shape(await get(url))).toEqual(await nothing());
  });

  it('is logged as the viewer’s before it leaves, and does not leave where it cannot be logged', async () => {
    await grant();
    const { url } = await linkTo('ngo-a:p0');
    const linked = await lastEntry();
    await get(url);
    expect(await lastEntry()).toMatchObject({
      ...{ viewer: linked.viewer, purpose: 'IDENTIFICATION', subjectKind: 'USER', outcome: 'ANSWERED', code: null },
      ...{ coordinates: ['Photograph.image'], requestId: 'the-same-request' },
    });
    expect((await lastEntry()).records).toHaveLength(1);
    expect(linked.records).toContain((await lastEntry()).records[0]);
    custodian.failing = true;
    const unlogged = await get(url);
    expect(unlogged.status).toBe(503);
    expect(unlogged.headers.get('content-type')).toContain('application/json');
    expect(JSON.parse(unlogged.body.toString()).errors[0].extensions.code).toBe('LOG_UNAVAILABLE');
  });
});

describe('whatever is wrong with a handle, the answer is the same', () => {
  it('it was never given, is another custodian’s, or is played with', async () => {
    await grant();
    await grant({}, other);
    const { url } = await linkTo('ngo-a:p0');
    const foreign = await linkTo('ngo-a:p0', {}, other);
    const expected = await nothing();
    expect(expected.status).toBe(404);
    expect(expected.body).not.toContain('AAAA');
    for (const path of [foreign.url, `${url}=`, url.slice(0, -1), `${url.slice(0, -22)}ngo-a:p0`, `${url}%00`]) {
      expect(shape(await get(path))).toEqual(expected);
    }
    expect((await get(foreign.url, {}, other)).status).toBe(200);
    const refused = await lastEntry();
    expect(refused).toMatchObject({ outcome: 'REFUSED', code: 'NOT_FOUND', viewer: null });
  });

  it('it has expired', async () => {
    await grant();
    const { url } = await linkTo('ngo-a:p0');
    custodian.ahead = 59_000;
    expect((await get(url)).status).toBe(200);
    custodian.ahead = 60_500;
    expect(shape(await get(url))).toEqual(await nothing());
  });

  it('its grant was revoked since, even if just a moment ago, and the refusal is logged as the viewer’s', async () => {
    const id = await grant();
    const { url } = await linkTo('ngo-a:p0');
    expect((await get(url)).status).toBe(200);
    const { viewer } = await lastEntry();
    await revoke(custodian.storage, id, 'the test');
    const refused = shape(await get(url));
    expect(await lastEntry()).toMatchObject({ viewer, outcome: 'REFUSED', code: 'NOT_FOUND', records: [] });
    expect(refused).toEqual(await nothing());
    // Another grant does not revive it.
    await grant();
    expect(shape(await get(url))).toEqual(await nothing());
  });

  it('the photograph was put under a label that the grant does not clear', async () => {
    await grant();
    const { url } = await linkTo('ngo-a:p0');
    const set = (number: number) =>
      custodian.storage.query({
        sql: 'update photographs set label_set = $1 where id = $2',
        parameters: [number, 'ngo-a:p0'],
      });
    await set(coordinated);
    expect(shape(await get(url))).toEqual(await nothing());
    await set(1);
    expect((await get(url)).status).toBe(200);
  });

  it('the list no longer vouches for the image', async () => {
    await grant();
    const { url } = await linkTo('ngo-a:p0');
    const list = (sha256: string) =>
      custodian.storage.query({
        sql: 'update photographs set sha256 = $1 where id = $2 returning image',
        parameters: [sha256, 'ngo-a:p0'],
      });
    const [row] = await list('e'.repeat(64));
    expect(shape(await get(url))).toEqual(await nothing());
    expect(await linkTo('ngo-a:p0')).toBeNull();
    await list(Object(row).image);
  });

  it('it is asked for by another method', async () => {
    await grant();
    const { url } = await linkTo('ngo-a:p0');
    for (const method of ['HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS']) {
      const [real, unknown] = await Promise.all(
        [new URL(url).pathname, `/media/${'A'.repeat(22)}`].map((path) => ask(method, path)),
      );
      expect(real).toEqual(unknown);
      expect(real?.status).toBe(404);
    }
  });
});

it('refuses parts of an image before it looks at the handle', async () => {
  await grant();
  const { url } = await linkTo('ngo-a:p0');
  const range = { headers: { range: 'bytes=0-99' } };
  const refused = shape(await get(url, range));
  expect(refused.status).toBe(416);
  expect(shape(await get(`https://custodian.example/media/${'A'.repeat(22)}`, range))).toEqual(refused);
});

it('keeps what row security hides: derivatives of hidden photographs, paths and files of originals', async () => {
  const visible = (sql: string) => custodian.storage.read<{ record: string }>(new Set([1]), { sql, parameters: [] });
  const seen = await visible('select record from photograph_images order by 1');
  expect(seen.map(({ record }) => record)).toEqual(['ngo-a:p0', 'ngo-a:p2']);
  await expect(visible('select original from photograph_images')).rejects.toThrow('permission denied');
  await expect(visible('select path from photograph_originals')).rejects.toThrow('permission denied');
});

describe('the watermark', () => {
  /** How bright a grey picture is in a band of rows: the darkest and the brightest pixel. */
  async function extremes(image: Buffer, top: number, height: number): Promise<{ dark: number; bright: number }> {
    const { width } = await sharp(image).metadata();
    const { data } = await sharp(image)
      .extract({ left: 0, top, width, height })
      .greyscale()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const sorted = data.toSorted();
    return { dark: Number(sorted[0]), bright: Number(sorted.at(-1)) };
  }

  const looksLike = async (viewer: string): Promise<Buffer> => {
    await grant({ subject: viewer, clears: ['GRAPHIC'] });
    const { url } = await linkTo('ngo-a:p2', { as: viewer });
    return (await get(url)).body;
  };

  it('stands visibly at the top, in the middle and at the bottom of the reduced derivative, and nowhere else', async () => {
    const plain = await unsealed('ngo-a:p2', 'REDUCED');
    expect(await extremes(plain, 0, 480)).toEqual({ dark: 128, bright: 128 });
    const marked = await looksLike('archivist-a');
    for (const top of [0, 225, 452]) {
      const { dark, bright } = await extremes(marked, top, 28);
      expect(dark).toBeLessThan(100);
      expect(bright).toBeGreaterThan(220);
    }
    for (const top of [60, 300]) {
      const { dark, bright } = await extremes(marked, top, 100);
      expect(bright - dark).toBeLessThan(6);
    }
    expect((await sharp(marked).metadata()).exif).toBeUndefined();
  });

  it('tells viewers and times apart, in Arabic and in Latin script, and takes markup for text', async () => {
    const names = ['محمد الحسن', 'خالد العلي', 'archivist-a', 'archivist-b', '<span size="1">x</span>', '&'];
    const images = [];
    for (const name of names) images.push(await looksLike(name));
    custodian.ahead = 3_000;
    images.push(await looksLike('archivist-a'));
    const texts = await Promise.all(
      images.map((image) => sharp(image).extract({ left: 0, top: 0, width: 800, height: 30 }).raw().toBuffer()),
    );
    expect(new Set(texts.map((text) => digestOf(text))).size).toBe(images.length);
    for (const image of images) expect((await extremes(image, 0, 28)).bright).toBeGreaterThan(220);
  });
});

/** A request as no browser would send it. */
function ask(method: string, path: string): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(`${custodian.url}${path}`, { method, headers: REQUEST_ID }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode, body: Buffer.concat(chunks).toString() }));
    });
    sent.on('error', reject).end();
  });
}
