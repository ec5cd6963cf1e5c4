import type { InventedArchive } from './archive.ts';
import { bodyNumber } from './bodies.ts';
import { writeDate } from './dates.ts';
import { type GeneratedFile, padded } from './generated-file.ts';

const [BY_CODE, OF_THE_FIRST_COLLECTION] = [0.8, 0.81];

/** `ngo-a/photographs.csv`: the photographs, by the individual whom they show. */
export const photographs: GeneratedFile = {
  custodian: 'ngo-a',
  file: 'photographs.csv',
  columns: ['photo', 'collection', 'body', 'taken', 'facility', 'path', 'sha256', 'photographer', 'exif'],
  async *rows(archive, images) {
    let nth = 0;
    for (const { body, index, hospital, detaineeNumber, died } of archive.depicted()) {
      const draw = archive.draw('photographs', index);
      const folder = `${died.slice(0, 4)}/${died.slice(5, 7)}/${detaineeNumber}`;
      for (const last = lastPhotographOf(body, archive); nth < last;) {
        nth += 1;
        const path = `${folder}/DSC_${padded(nth, 5)}.JPG`;
        yield [
          `P${padded(nth, 6)}`,
          draw.chance(OF_THE_FIRST_COLLECTION) ? 'C-1' : 'C-2',
          bodyNumber(body),
          writeDate(died, draw),
          draw.chance(BY_CODE) ? hospital.code : hospital.nameEn,
          path,
          (await images.write(path, nth)) ?? draw.hexadecimal(64),
          `Photographer ${draw.whole(1, 9)}`,
          '',
        ];
      }
    }
  },
  faults: {
    every: 750,
    kinds: [
      // The number of the row before, for another image.
      (before) => before.with(6, 'ab'.repeat(32)),
      (before, nth) => before.with(0, `P0-${nth}`).with(1, 'C-9').with(3, '2014-02-30').with(5, 'x/y.jpg'),
      (before, nth) => before.with(0, `P0-${nth}`).with(5, 'x/y.jpg').with(6, 'nothex'),
      (_, nth) => [`P0-${nth}`, 'C-1'],
    ],
  },
};

/** How many photographs there are up to a body, that body's included: about as many of each, all of them in the end. */
function lastPhotographOf(body: number, archive: InventedArchive): number {
  const { size, ledgerPhotographs } = archive;
  const all = size.photographs - ledgerPhotographs;
  const each = all / size.people;
  if (body === size.people) return all;
  const more = each < 4 ? 0 : archive.draw('how many', body).whole(-1, 1);
  return Math.floor(body * each) + more;
}
