import { dayOf, daysAfter, writeDate } from './dates.ts';
import type { GeneratedFile } from './generated-file.ts';
import { writeName } from './names.ts';
import { writePlace } from './places.ts';

const [REGISTERED, OF_A_KNOWN_PERSON] = [0.872, 0.41];
const LATEST = '2025-12-31';

/** `ministry/death_certificates.csv`: what registries state of most of those whose bodies photographs show. */
export const deathCertificates: GeneratedFile = {
  custodian: 'ministry',
  file: 'death_certificates.csv',
  columns: [
    ...['certificate_no', 'person', 'name', 'mother', 'born', 'died', 'place_of_death'],
    ...['cause', 'registered', 'registry_office'],
  ],
  delimiter: ';',
  newline: '\r\n',
  *rows(archive) {
    for (const person of archive.depicted()) {
      const draw = archive.draw('certificate', person.index);
      if (!draw.chance(REGISTERED)) continue;
      const { ism, father, grandfather, family } = person.name;
      const names = draw.chance(0.6) ? [ism, father, grandfather, family] : [ism, father, family];
      const registered = daysAfter(person.died, draw.whole(20, 2_000));
      yield [
        `${person.died.slice(0, 4)}/${person.index}`,
        person.isLinked && draw.chance(OF_A_KNOWN_PERSON) ? person.linkId : '',
        names.map((name) => writeName(name, draw)).join(' '),
        writeName(person.mother.ism, draw),
        writeDate(person.born, draw),
        writeDate(person.died, draw),
        writePlace(person.hospital, draw),
        draw.oneOf(['توقف قلب', 'respiratory failure', 'احتشاء', 'جلطة', 'heart attack']),
        writeDate(registered < LATEST ? registered : dayOf(2025, draw), draw),
        draw.oneOf(archive.places.governorates).ar,
      ];
    }
  },
  faults: {
    every: 580,
    kinds: [
      ([, person = '', name = '', mother = '', , , ...rest], nth) => [
        `0/${nth}`,
        person,
        name,
        mother,
        '1990',
        '1985-01-01',
        ...rest,
      ],
    ],
  },
};
