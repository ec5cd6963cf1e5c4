import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { Draw } from './draw.ts';
import type { ImageFolder } from './generated-file.ts';

const [WIDTH, HEIGHT] = [1_280, 960];
const COARSE = { width: 16, height: 12, channels: 3 } as const;

/** A folder for the images of the first so many photographs: clouds of colour, which show nothing and nobody. */
export const imageFolder = (folder: string, seed: number, howMany: number): ImageFolder => ({
  write: (path, nth) => (nth > howMany ? undefined : writeImage(join(folder, path), new Draw(seed, 'image', nth), nth)),
});

async function writeImage(file: string, draw: Draw, nth: number): Promise<string> {
  const pixels = Buffer.from(draw.hexadecimal(COARSE.width * COARSE.height * COARSE.channels * 2), 'hex');
  const image = await sharp(pixels, { raw: COARSE })
    .resize(WIDTH, HEIGHT, { kernel: 'cubic' })
    .withExif({ IFD0: { Make: 'Placeholder', ImageDescription: `Photograph ${nth}` } })
    .jpeg()
    .toBuffer();
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, image);
  return createHash('sha256').update(image).digest('hex');
}
