import { writeDate } from './dates.ts';
import { type GeneratedFile, padded } from './generated-file.ts';

const [TRANSFERRED, OF_A_KNOWN_PERSON] = [0.534, 0.5];

/** `ministry/custody_transfers.csv`: how some of those whose bodies photographs show came to a hospital. */
export const custodyTransfers: GeneratedFile = {
  custodian: 'ministry',
  file: 'custody_transfers.csv',
  columns: ['transfer_no', 'person', 'from', 'to', 'date', 'detainee_no', 'condition'],
  *rows(archive) {
    for (const person of archive.depicted()) {
      const draw = archive.draw('transfer', person.index);
      if (!draw.chance(TRANSFERRED)) continue;
      yield [
        `T-${padded(person.index, 5)}`,
        person.isLinked && draw.chance(OF_A_KNOWN_PERSON) ? person.linkId : '',
        person.detainedAt.code,
        person.hospital.code,
        writeDate(person.died, draw),
        person.detaineeNumber,
        draw.oneOf(['', 'dead on arrival', 'weak', 'unconscious']),
      ];
    }
  },
};
