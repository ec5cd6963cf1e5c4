import type { Metadata, OutputInfo } from 'sharp';
import { ImageRefusal } from './image-refusal.ts';
import { sharp } from './restricted-sharp.ts';

/** What is made of an image to be looked at, as JPEG without metadata. */
export interface Derivatives {
  /** 800 pixels on its longer side at most. */
  readonly reduced: Buffer;
  /** 200 pixels on its longer side at most, and blurred until no face can be made out. */
  readonly blurred: Buffer;
}

const MOST_PIXELS = 100_000_000;
const [REDUCED, BLURRED] = [800, 200];
// At a width of 800 this would be four times as much: a face that fills a third of the picture is some eight pixels wide.
const SIGMA = 8;
const SECONDS = 60;

interface Pixels {
  readonly data: Buffer;
  readonly info: OutputInfo;
}

/**
 * Makes the derivatives of an image, decoding it once. Metadata does not survive. Throws `ImageRefusal` where it is of
 * no format that is read here (by its content; HEIC with HEVC needs a decoder that the packaged library lacks), has
 * more than 100 million pixels, or is truncated or damaged.
 */
export async function makeDerivatives(image: Buffer): Promise<Derivatives> {
  const pixels = await decode(image);
  const raw = (): ReturnType<typeof sharp> => {
    const { width, height, channels } = pixels.info;
    return sharp(pixels.data, { raw: { width, height, channels } });
  };
  const within = (side: number) => ({ width: side, height: side, fit: 'inside', withoutEnlargement: true }) as const;
  return {
    reduced: await raw().jpeg({ quality: 82 }).toBuffer(),
    blurred: await raw().resize(within(BLURRED)).blur(SIGMA).jpeg({ quality: 70 }).toBuffer(),
  };
}

async function decode(image: Buffer): Promise<Pixels> {
  const { width, height, format, compression } = await readHeader(image);
  if (width * height > MOST_PIXELS) throw new ImageRefusal('TOO_MANY_PIXELS');
  try {
    return await sharp(image, { limitInputPixels: MOST_PIXELS, failOn: 'error', sequentialRead: true })
      .timeout({ seconds: SECONDS })
      .autoOrient()
      .resize({ width: REDUCED, height: REDUCED, fit: 'inside', withoutEnlargement: true })
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
  } catch (cause) {
    const isUndecodable = format === 'heif' && compression !== 'av1';
    throw new ImageRefusal(isUndecodable ? 'UNSUPPORTED_FORMAT' : 'DAMAGED', { cause });
  }
}

/** Reads no pixels yet, so that nothing need be limited. */
async function readHeader(image: Buffer): Promise<Metadata> {
  try {
    return await sharp(image, { limitInputPixels: false }).metadata();
  } catch (cause) {
    throw new ImageRefusal('UNSUPPORTED_FORMAT', { cause });
  }
}
