import { arabicDigits, writeDate } from './dates.ts';
import { type GeneratedFile, padded } from './generated-file.ts';
import type { Place } from './places.ts';

/** The number of a body in the first NGO's archive. */
export const bodyNumber = (body: number): string => `B${padded(body, 5)}`;

/** What a branch's numbers begin with: `215` for `BR-215`. */
export const seriesOf = ({ code }: Place): string => code.replace(/^[A-Z]+-/u, '');

/** `ngo-a/bodies.csv`: the individuals whom the photographs show, with the numbers as read from body or card. */
export const bodies: GeneratedFile = {
  custodian: 'ngo-a',
  file: 'bodies.csv',
  columns: [
    ...['body', 'category', 'facility', 'detainee_no', 'branch_no', 'hospital_no', 'legibility', 'photographed'],
    'observations',
  ],
  *rows(archive) {
    for (const { body, index, hospital, detainedAt, detaineeNumber, died } of archive.depicted()) {
      const draw = archive.draw('body', index);
      const category = draw.whole(1, 100);
      yield [
        bodyNumber(body),
        category <= 92 ? 'DETAINEE' : category <= 97 ? 'UNKNOWN' : 'MILITARY',
        hospital.code,
        draw.chance(0.31) ? arabicDigits(detaineeNumber) : detaineeNumber,
        draw.chance(0.87) ? `${seriesOf(detainedAt)}/${draw.whole(1, 5_999)}` : '',
        draw.chance(0.7) ? `${draw.whole(1_000, 9_999)}/ب` : '',
        draw.oneOf(['CLEAR', 'CLEAR', 'PARTIAL', 'ILLEGIBLE']),
        writeDate(died, draw),
        draw.oneOf(['', 'emaciated', 'ligature marks', 'bruising to the torso']),
      ];
    }
  },
  faults: {
    every: 340,
    kinds: [
      ([, , ...cells], nth) => [`B0-${nth}`, 'CIVILIAN', ...cells],
      ([, category = '', , ...cells], nth) => [`B0-${nth}`, category, 'HO-999', ...cells],
    ],
  },
};
