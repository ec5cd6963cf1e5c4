import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { crc32, createDeflate, deflateSync } from 'node:zlib';
import sharp from 'sharp';

/** The digest that a list gives of a file. */
export const digestOf = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

/** A picture of sharp black and white squares, which no blurring leaves as they were. */
export async function chequered(
  format: 'jpeg' | 'png' | 'tiff' | 'avif' | 'webp' | 'gif',
  width = 1200,
  height = 900,
): Promise<Buffer> {
  const pixels = Buffer.alloc(width * height * 3);
  for (let at = 0; at < width * height; at += 1) {
    const isWhite = (Math.floor((at % width) / 40) + Math.floor(at / width / 40)) % 2 === 0;
    pixels.fill(isWhite ? 255 : 0, at * 3, at * 3 + 3);
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .withExif({ IFD0: { Artist: 'Photographer 6', Software: 'camera 17' } })
    .toFormat(format, format === 'avif' ? { effort: 0 } : {})
    .toBuffer();
}

/** How strongly neighbouring pixels of an image differ, 0 to 255: near 0 where it is blurred. */
export async function sharpnessOf(image: Buffer): Promise<number> {
  const { data, info } = await sharp(image).greyscale().raw().toBuffer({ resolveWithObject: true });
  let steepest = 0;
  for (let at = 1; at < data.length; at += 1) {
    if (at % info.width > 0) steepest = Math.max(steepest, Math.abs(Number(data[at]) - Number(data[at - 1])));
  }
  return steepest;
}

/** A chunk of a PNG. */
function chunk(type: string, data: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(typed));
  return Buffer.concat([length, typed, sum]);
}

/** A PNG with a comment, a colour profile or an XMP packet of 600 KB that unpacks to 600 MB. */
export async function metadataBomb(packed: Buffer, where: 'zTXt' | 'iCCP' | 'iTXt'): Promise<Buffer> {
  const heads = { zTXt: 'Comment\0\0', iCCP: 'profile\0\0', iTXt: 'XML:com.adobe.xmp\0\u0001\0\0\0' };
  const png = await chequered('png', 300, 200);
  const AFTER_HEADER = 33;
  const bomb = chunk(where, Buffer.concat([Buffer.from(heads[where]), packed]));
  return Buffer.concat([png.subarray(0, AFTER_HEADER), bomb, png.subarray(AFTER_HEADER)]);
}

/** 600 MB of nothing, deflated piece by piece, so that the test itself never holds them. */
export async function packedNothing(): Promise<Buffer> {
  const pieces = Readable.from(Array(600).fill(Buffer.alloc(1_000_000)));
  return buffer(pieces.pipe(createDeflate()));
}

/** A HEIF file that says its content is HEVC, as cameras write it. */
export async function heic(): Promise<Buffer> {
  const avif = (await chequered('avif', 320, 240)).toString('latin1');
  const renamed = avif.replaceAll('avif', 'heic').replaceAll('av01', 'hvc1').replaceAll('av1C', 'hvcC');
  return Buffer.from(renamed, 'latin1');
}

/** A PNG of a few hundred kilobytes that says it has 2,500 million pixels. */
export function decompressionBomb(): Buffer {
  const header = Buffer.from([0, 0, 0xc3, 0x50, 0, 0, 0xc3, 0x50, 8, 0, 0, 0, 0]);
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  const content = deflateSync(Buffer.alloc(50_001 * 2_000));
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', content), chunk('IEND', Buffer.alloc(0))]);
}
