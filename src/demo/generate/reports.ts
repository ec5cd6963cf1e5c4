import { writeDate } from './dates.ts';
import type { GeneratedFile } from './generated-file.ts';
import { writeLatin, writeName } from './names.ts';
import { writePlace } from './places.ts';

const COLUMNS = [
  ...['report_no', 'ism', 'father', 'grandfather', 'family', 'mother', 'name_latin', 'birth_date', 'birth_place'],
  ...['last_seen', 'last_seen_place', 'circumstances', 'status'],
];
const AT_HOME = 'Arrested at home';
const AT_A_CHECKPOINT =
  'Taken at a checkpoint; last seen by a former detainee.\nFamily asked at the military police office.';

/** `missing/reports.csv`: everybody who is reported missing. */
export const reports: GeneratedFile = {
  custodian: 'missing',
  file: 'reports.csv',
  columns: COLUMNS,
  newline: '\r\n',
  byteOrderMark: true,
  *rows(archive) {
    const { governorates } = archive.places;
    for (const person of archive.everybody()) {
      const draw = archive.draw('report', person.index);
      const { ism, father, grandfather, family } = person.name;
      const born = draw.oneOf(governorates);
      const latin = [ism, father, family].map((name) => writeLatin(name, draw)).join(' ');
      yield [
        person.reportNumber,
        writeName(ism, draw),
        writeName(father, draw),
        draw.chance(0.6) ? writeName(grandfather, draw) : '',
        writeName(family, draw),
        `${writeName(person.mother.ism, draw)} ${writeName(person.mother.family, draw)}`,
        draw.chance(0.5) ? latin : '',
        writeDate(person.born, draw),
        draw.chance(0.6) ? born.ar : born.en,
        writeDate(person.arrested, draw),
        writePlace(person.detainedAt, draw),
        draw.chance(0.19) ? AT_A_CHECKPOINT : AT_HOME,
        draw.oneOf(['OPEN', 'OPEN', 'OPEN', 'CLOSED', 'IN_PROGRESS']),
      ];
    }
  },
  faults: { every: 950, kinds: [([, ...cells]) => ['', ...cells]] },
};
