import { daysAfter } from './dates.ts';
import type { GeneratedFile } from './generated-file.ts';
import { writeName } from './names.ts';

const [JUDGED, OF_A_KNOWN_PERSON] = [0.329, 0.55];

/** `ministry/court_files.csv`: files of the courts, in Windows-1256, a third of them sealed. */
export const courtFiles: GeneratedFile = {
  custodian: 'ministry',
  file: 'court_files.csv',
  columns: ['file_no', 'person', 'court', 'accused', 'filed', 'charge', 'verdict', 'sealed'],
  encoding: 'windows-1256',
  *rows(archive) {
    for (const person of archive.depicted()) {
      const draw = archive.draw('court-file', person.index);
      if (!draw.chance(JUDGED)) continue;
      const { ism, father, family } = person.name;
      const filed = daysAfter(person.arrested, draw.whole(0, 15));
      yield [
        `${draw.whole(1, 3)}/${filed.slice(0, 4)}/${person.index}`,
        person.isLinked && draw.chance(OF_A_KNOWN_PERSON) ? person.linkId : '',
        draw.oneOf(archive.places.courts).nameAr,
        [ism, father, family].map((name) => writeName(name, draw)).join(' '),
        filed,
        draw.oneOf(['تمويل الإرهاب', 'مظاهرات', 'إرهاب']),
        draw.oneOf(['', 'مؤبد', 'سجن عشر سنوات', 'إعدام']),
        draw.oneOf(['no', 'no', 'yes']),
      ];
    }
  },
};
