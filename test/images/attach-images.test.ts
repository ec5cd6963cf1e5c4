import { randomBytes } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { cp, mkdir, readFile, readdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeReport } from '../../src/cli/import.ts';
import { type ImageImport, type ImageReport, attachImages } from '../../src/subgraphs/kit/images/attach-images.ts';
import { ImageVault } from '../../src/subgraphs/kit/images/image-vault.ts';
import { type CustodianStore, DATA, custodianStore } from '../import/custodian-store.ts';
import { chequered, decompressionBomb, digestOf, heic, metadataBomb, packedNothing, sharpnessOf } from './pictures.ts';

const SECRET = randomBytes(32);
const vault = new ImageVault(SECRET);

interface Kept {
  readonly reference: string;
  readonly record: string;
  readonly digest: string;
  readonly blurred: Buffer;
  readonly reduced: Buffer;
  readonly original: string | null;
}

let store: CustodianStore;
beforeEach(async () => {
  store = await custodianStore('ngo-a');
});
afterEach(() => store.close());

const attach = (options: Partial<ImageImport> = {}): Promise<ImageReport> => {
  const { storage, folder, delivery } = store;
  const { images } = delivery;
  if (!images) throw new Error('photographs have images');
  return attachImages({ storage, images, folder, secret: SECRET, workers: 2, ...options });
};

const attached = (): Promise<Kept[]> =>
  store.rows<Kept>(
    'select p.reference, i.* from photographs p join photograph_images i on i.record = p.id where p.image = p.sha256 order by 1',
  );

const counted = ({ named, attached, mismatched, missing, refused }: ImageReport) => ({
  ...{ named, attached, mismatched, missing, refused },
});

/** Delivers photographs by path, each with an image of that content and the digest that the list gives it. */
async function deliverPhotographs(
  photographs: readonly { path: string; content?: Buffer; digest?: string }[],
): Promise<void> {
  await store.write('collections.csv', ['collection,title,from,to,medium,labels', 'C-1,The hospital,2013,2015,DVD,']);
  await store.write('photographs.csv', [
    'photo,collection,body,taken,facility,path,sha256,photographer,exif',
    ...photographs.map(({ path, content, digest }, n) => {
      const listed = digest ?? (content ? digestOf(content) : 'a'.repeat(64));
      return `P${n + 1},C-1,,2014,,"${path}",${listed},,`;
    }),
  ]);
  await mkdir(join(store.folder, 'images'), { recursive: true });
  for (const { path, content } of photographs) {
    if (!content) continue;
    const file = join(store.folder, 'images', path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
  await store.import();
}

/** What the list's lines came to, by the path's place in the delivery. */
const outcomes = ({ notices }: ImageReport): Record<number, string> =>
  Object.fromEntries(notices.map(({ line, outcome }) => [line - 1, outcome]));

describe('what the NGO really delivered', () => {
  it('is attached where it is what the list says, as derivatives without metadata that only the key opens', async () => {
    await store.deliver('collections.csv', 'bodies.csv', 'photographs.csv');
    await cp(join(DATA, 'deliveries/ngo-a/images'), join(store.folder, 'images'), { recursive: true });
    const { notImported } = await store.import();
    expect(notImported).not.toContain('images/');
    const report = await attach();
    expect(counted(report)).toEqual({ named: 3008, attached: 58, mismatched: 2, missing: 2948, refused: 0 });
    expect(report.notices.map(({ file, outcome }) => `${file} ${outcome}`)).toEqual(
      Array(2).fill('photographs.csv MISMATCHED'),
    );
    const kept = await attached();
    expect(kept).toHaveLength(58);
    expect(kept.map(({ reference }) => reference)).not.toContain('P000008');
    for (const { record, digest, blurred, reduced } of kept) {
      expect(blurred.includes('JFIF') || reduced.includes('JFIF')).toBe(false);
      for (const [what, sealed, side] of [
        ['BLURRED', blurred, 200],
        ['REDUCED', reduced, 800],
      ] as const) {
        const image = await sharp(vault.open(sealed, { what, record, digest })).metadata();
        expect(image).toMatchObject({ format: 'jpeg', width: Math.min(side, 640) });
        expect([image.exif, image.xmp, image.icc, image.iptc]).toEqual(Array(4).fill(undefined));
      }
    }
    const [{ record, digest, reduced }, other] = [kept[0]!, kept[1]!];
    const as = { what: 'REDUCED', record, digest } as const;
    expect(() => vault.open(other.reduced, as)).toThrow();
    expect(() => vault.open(reduced, { ...as, what: 'BLURRED' })).toThrow();
    expect(() => new ImageVault(randomBytes(32)).open(reduced, as)).toThrow();
  });
});

describe('an image', () => {
  it('is read by its content, as JPEG, PNG, TIFF or HEIF, whatever its name says, and nothing else is', async () => {
    const svg = Buffer.from(
      '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="/etc/passwd"/></svg>',
    );
    await deliverPhotographs([
      { path: 'a.jpg', content: await chequered('jpeg') },
      { path: 'b.JPG', content: await chequered('png') },
      { path: 'c/d/ä ص.tif', content: await chequered('tiff') },
      { path: 'e.heic', content: await chequered('avif', 320, 240) },
      { path: 'f.jpg', content: await chequered('webp') },
      { path: 'g.jpg', content: await chequered('gif', 120, 90) },
      { path: 'h.jpg', content: svg },
      { path: 'i.jpg', content: Buffer.from('PK\u0003\u0004 not an image') },
      { path: 'j.jpg', content: Buffer.alloc(0) },
    ]);
    const report = await attach();
    expect(counted(report)).toEqual({ named: 9, attached: 4, mismatched: 0, missing: 0, refused: 5 });
    const UNSUPPORTED = 'UNSUPPORTED_FORMAT';
    expect(outcomes(report)).toEqual({
      5: UNSUPPORTED,
      6: UNSUPPORTED,
      7: UNSUPPORTED,
      8: UNSUPPORTED,
      9: UNSUPPORTED,
    });
  });

  it('is turned as the camera says, reduced to 800 pixels, and blurred until no edge is left', async () => {
    const upright = await sharp(await chequered('jpeg'))
      .withMetadata({ orientation: 6 })
      .toBuffer();
    await deliverPhotographs([{ path: 'a.jpg', content: upright }]);
    await attach();
    const [{ record, digest, blurred, reduced }] = [(await attached())[0]!];
    const [small, sharpOne] = [
      vault.open(blurred, { what: 'BLURRED', record, digest }),
      vault.open(reduced, { what: 'REDUCED', record, digest }),
    ];
    expect(await sharp(sharpOne).metadata()).toMatchObject({ width: 600, height: 800 });
    expect(await sharp(small).metadata()).toMatchObject({ width: 150, height: 200 });
    expect(await sharpnessOf(sharpOne)).toBeGreaterThan(150);
    expect(await sharpnessOf(small)).toBeLessThan(12);
    expect(sharpOne.includes('Photographer') || small.includes('Photographer')).toBe(false);
  });

  it('that is truncated or a decompression bomb is refused, and the others are attached', async () => {
    const jpeg = await chequered('jpeg');
    const png = await chequered('png');
    await deliverPhotographs([
      { path: 'whole.jpg', content: jpeg },
      { path: 'half.jpg', content: jpeg.subarray(0, jpeg.length / 2) },
      { path: 'nearly.jpg', content: jpeg.subarray(0, -200) },
      { path: 'half.png', content: png.subarray(0, png.length / 2) },
      { path: 'bomb.png', content: decompressionBomb() },
    ]);
    const report = await attach();
    expect(counted(report)).toEqual({ named: 5, attached: 1, mismatched: 0, missing: 0, refused: 4 });
    expect(outcomes(report)).toEqual({ 2: 'DAMAGED', 3: 'DAMAGED', 4: 'DAMAGED', 5: 'TOO_MANY_PIXELS' });
  });

  it('that hides a bomb in its metadata is attached without unpacking it', async () => {
    const packed = await packedNothing();
    const bombs = await Promise.all((['zTXt', 'iCCP', 'iTXt'] as const).map((where) => metadataBomb(packed, where)));
    await deliverPhotographs(bombs.map((content, n) => ({ path: `${n}.png`, content })));
    const before = process.memoryUsage().rss;
    let most = before;
    const watching = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 5);
    const report = await attach();
    clearInterval(watching);
    expect(counted(report)).toMatchObject({ attached: 3, refused: 0 });
    expect(most - before).toBeLessThan(300_000_000);
    for (const { reduced } of await attached()) expect(reduced.length).toBeLessThan(100_000);
  });

  it('in HEIC, for which the library has no decoder, is refused as such', async () => {
    await deliverPhotographs([{ path: 'a.heic', content: await heic() }]);
    const report = await attach();
    expect(outcomes(report)).toEqual({ 1: 'UNSUPPORTED_FORMAT' });
    const told = describeReport({ ...(await store.import()), images: report }, undefined);
    expect(told).toContain('what a camera wrote as HEIC is to be converted first');
  });

  it('is never read from outside its folder, over a link, or from what is no file', async () => {
    const image = await chequered('png', 100, 100);
    const listed = digestOf(image);
    const outside = join(dirname(store.folder), 'secret.png');
    await writeFile(outside, image);
    const paths = ['../../secret.png', 'a/../../../secret.png', outside, 'link.png', 'linked/secret.png', 'inside.png'];
    const more = ['pipe.png', 'folder.png', 'C:\\secret.png', '..\\secret.png', './real.png', 'a//b.png', 'big.tif'];
    await deliverPhotographs([
      { path: 'real.png', content: image },
      ...[...paths, ...more].map((path) => ({ path, digest: listed })),
    ]);
    const images = join(store.folder, 'images');
    await symlink(outside, join(images, 'link.png'));
    await symlink(dirname(outside), join(images, 'linked'));
    await symlink(join(images, 'real.png'), join(images, 'inside.png'));
    execFileSync('mkfifo', [join(images, 'pipe.png')]);
    await mkdir(join(images, 'folder.png'));
    await writeFile(join(images, 'big.tif'), '');
    await truncate(join(images, 'big.tif'), 128 * 1024 * 1024 + 1);
    const report = await attach();
    expect(counted(report)).toEqual({ named: 14, attached: 1, mismatched: 0, missing: 0, refused: 13 });
    expect(Object.values(outcomes(report))).toEqual([
      ...Array(3).fill('UNSAFE_PATH'),
      ...Array(3).fill('SYMBOLIC_LINK'),
      ...['NOT_A_FILE', 'NOT_A_FILE'],
      ...Array(4).fill('UNSAFE_PATH'),
      'TOO_LARGE',
    ]);
  });

  it('without a digest on the list is not attached, since nothing vouches for it; its row stays accepted', async () => {
    await deliverPhotographs([{ path: 'a.jpg', content: await chequered('jpeg'), digest: '' }]);
    const report = await attach();
    expect(outcomes(report)).toEqual({ 1: 'NO_DIGEST' });
    expect(await store.rows('select reference from photographs')).toEqual([{ reference: 'P1' }]);
  });
});

describe('importing again', () => {
  it('says of an image of an earlier delivery in which delivery the line is that names it', async () => {
    await deliverPhotographs([{ path: '../a.jpg', content: await chequered('jpeg') }]);
    await store.rows(`update delivered_rows set delivered_at = '2026-03-01T12:34:56Z' returning id`);
    await store.import();
    const images = await attach();
    expect(images.notices).toEqual([
      { file: 'photographs.csv', line: 2, deliveredAt: '2026-03-01T12:34Z', outcome: 'UNSAFE_PATH' },
    ]);
    expect(describeReport({ ...(await store.import()), images }, undefined)).toMatch(
      /^Not attached: photographs\.csv as delivered 2026-03-01T12:34Z, line 2: UNSAFE_PATH, its path must lead /mu,
    );
  });

  it('changes nothing, makes nothing anew, and attaches what is delivered only now', async () => {
    const late = await chequered('png', 300, 200);
    await deliverPhotographs([
      { path: 'a.jpg', content: await chequered('jpeg') },
      { path: 'late.png', digest: digestOf(late) },
    ]);
    expect(counted(await attach())).toMatchObject({ attached: 1, missing: 1 });
    const before = await store.dump();
    const again = await attach();
    expect(counted(again)).toMatchObject({ attached: 1, missing: 1 });
    expect(again.imagesPerSecond).toBe(0);
    await store.import();
    expect(await store.dump()).toEqual(before);
    await rm(join(store.folder, 'images', 'a.jpg'));
    await writeFile(join(store.folder, 'images', 'late.png'), late);
    expect(counted(await attach())).toEqual({ named: 2, attached: 2, mismatched: 0, missing: 0, refused: 0 });
  });

  it('takes away the image of a photograph whose digest was corrected, and attaches the right one', async () => {
    const [wrong, right] = [await chequered('jpeg'), await chequered('png')];
    await deliverPhotographs([{ path: 'a.jpg', content: wrong }]);
    await attach();
    await store.correct('photographs.csv', digestOf(wrong), digestOf(right));
    await store.import();
    expect(await attached()).toEqual([]);
    expect(counted(await attach())).toMatchObject({ attached: 0, mismatched: 1 });
    await writeFile(join(store.folder, 'images', 'a.jpg'), right);
    await attach();
    expect((await attached()).map(({ digest }) => digest)).toEqual([digestOf(right)]);
  });

  it('goes on where an import was broken off, with nothing half', async () => {
    const contents = await Promise.all(Array.from({ length: 12 }, (_, n) => chequered('png', 200 + n, 200)));
    await deliverPhotographs(contents.map((content, n) => ({ path: `${n}.png`, content })));
    const onProgress = (done: number): void => {
      if (done === 5) throw new Error('the machine was switched off');
    };
    await expect(attach({ onProgress })).rejects.toThrow('switched off');
    const first = await attached();
    expect(first.length).toBeGreaterThanOrEqual(5);
    expect(first.length).toBeLessThan(12);
    expect(counted(await attach())).toMatchObject({ named: 12, attached: 12 });
    expect((await attached()).filter(({ record }) => first.some((kept) => kept.record === record))).toEqual(first);
  });
});

describe('originals', () => {
  it('are sealed under the key where that is configured, also later, and stay untouched where they are', async () => {
    const image = await chequered('jpeg');
    await deliverPhotographs([{ path: 'a.jpg', content: image }]);
    await attach();
    expect((await attached()).map(({ original }) => original)).toEqual([null]);
    const originals = join(dirname(store.folder), 'originals');
    await mkdir(originals);
    await writeFile(join(originals, 'broken-off.part'), 'half');
    await attach({ originals });
    const [{ record, digest, original }] = [(await attached())[0]!];
    const name = String(original);
    const sealed = await readFile(join(originals, name.slice(0, 2), name));
    expect(sealed.includes(image.subarray(100, 200))).toBe(false);
    expect(vault.open(sealed, { what: 'ORIGINAL', record, digest })).toEqual(image);
    expect(name).not.toContain(record.split(':')[1]);
    expect((await readdir(originals)).filter((entry) => entry.endsWith('.part'))).toEqual([]);
    expect(await readFile(join(store.folder, 'images', 'a.jpg'))).toEqual(image);
  });
});
