import { fileURLToPath } from 'node:url';
import { sharp } from './restricted-sharp.ts';

// Shipped with this program: where a machine has no font, text would be drawn invisibly.
const FONT = fileURLToPath(new URL('font/Vazirmatn-Regular.ttf', import.meta.url));
const FAMILY = 'Vazirmatn';
const [WIDEST, LINE, MARGIN] = [420, 22, 4];
const LEAST = { width: 200, height: 120 };
const BAND = { r: 0, g: 0, b: 0, alpha: 0.45 };
// First strong and left-to-right isolates: an Arabic name must not turn the time around, nor the time the name.
const [FSI, LRI, PDI] = ['\u2068', '\u2066', '\u2069'];

/** An image as JPEG that carries visibly, at its top, middle and bottom, who looked at it and when. */
export async function watermark(image: Buffer, viewer: string, at: Date): Promise<Buffer> {
  const { width, height } = await sharp(image).metadata();
  // On a tiny image nobody could read it.
  const [wide, high] = [Math.max(width, LEAST.width), Math.max(height, LEAST.height)];
  const band = await textBand(`${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`, viewer, wide);
  const gravities = ['north', 'centre', 'south'] as const;
  return sharp(image)
    .resize({ width: wide, height: high, fit: 'contain', background: '#000000' })
    .composite(gravities.map((gravity) => ({ ...band, gravity })))
    .jpeg({ quality: 85 })
    .toBuffer();
}

/** White text on a dark band, both so that what lies below shows through. */
async function textBand(time: string, viewer: string, width: number) {
  const text = await sharp({
    text: {
      text: `<span foreground="white">${FSI}${asMarkup(viewer)}${PDI}  ${LRI}${time}${PDI}</span>`,
      font: FAMILY,
      fontfile: FONT,
      rgba: true,
      width: Math.min(WIDEST, width) - 2 * MARGIN,
      height: LINE,
    },
  })
    .png()
    .toBuffer({ resolveWithObject: true });
  const size = { width: text.info.width + 2 * MARGIN, height: text.info.height + 2 * MARGIN };
  const { data, info } = await sharp({ create: { ...size, channels: 4, background: BAND } })
    .composite([{ input: text.data, gravity: 'centre' }])
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { input: data, raw: { width: info.width, height: info.height, channels: info.channels } };
}

const asMarkup = (text: string): string =>
  text.replace(/[&<>"']/gu, (sign) => `&#${sign.codePointAt(0)};`).replaceAll(/\p{C}/gu, ' ');
