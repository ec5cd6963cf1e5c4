import { type GeneratedFile, padded } from './generated-file.ts';
import { GIVEN_NAMES, MOTHERS_NAMES, writeName } from './names.ts';

const MEN = ['FATHER', 'BROTHER', 'SON'];
const WOMEN = ['MOTHER', 'SISTER', 'DAUGHTER', 'WIFE'];
const CONSENT = ['AUTHORITY_ONLY', 'GOVERNMENT', 'COURT', 'NAMED_ORGANISATIONS', 'PUBLICATION'];

/** `missing/relatives.csv`: one to three of the family of everybody who is reported missing. */
export const relatives: GeneratedFile = {
  custodian: 'missing',
  file: 'relatives.csv',
  columns: [
    ...['relative_no', 'report_no', 'kinship', 'name', 'phone', 'channel'],
    ...['wants_news', 'wants_images', 'consent'],
  ],
  *rows(archive) {
    for (const { index, reportNumber, name } of archive.everybody()) {
      const draw = archive.draw('relatives', index);
      const many = draw.oneOf([1, 1, 2, 3]);
      for (let nth = 1; nth <= many; nth += 1) {
        const kinship = draw.oneOf([...MEN, ...WOMEN]);
        const ism = draw.oneOf(MEN.includes(kinship) ? GIVEN_NAMES : MOTHERS_NAMES);
        yield [
          `F-${padded(index, 5)}-${nth}`,
          reportNumber,
          kinship,
          `${writeName(ism, draw)} ${writeName(name.family, draw)}`,
          `+963 9${draw.whole(30, 99)} ${draw.whole(100, 999)} ${draw.whole(100, 999)}`,
          draw.oneOf(['NGO', 'LETTER', 'PHONE', 'VISIT']),
          draw.oneOf(['yes', 'yes', 'no', 'نعم', 'لا']),
          draw.oneOf(['no', 'no', 'yes', 'لا']),
          draw.oneOf(CONSENT),
        ];
      }
    }
  },
  faults: {
    every: 1_700,
    kinds: [([, , ...cells], nth) => [`F-0-${nth}`, 'R-0000-00000', ...cells]],
  },
};
