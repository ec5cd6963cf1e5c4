import { dayOf, writeDate } from './dates.ts';
import { type GeneratedFile, padded } from './generated-file.ts';

const [PER_BODY, OF_A_KNOWN_PERSON] = [0.089, 0.47];
const CONSENT = ['AUTHORITY_ONLY', 'GOVERNMENT', 'COURT', 'NAMED_ORGANISATIONS', 'PUBLICATION'];

/** `ngo-b/testimonies.csv`: what witnesses told of some of those whose bodies photographs show. */
export const testimonies: GeneratedFile = {
  custodian: 'ngo-b',
  file: 'testimonies.csv',
  columns: ['testimony', 'person', 'witness', 'taken', 'summary', 'consent'],
  *rows(archive) {
    const all = Math.ceil(archive.size.people * PER_BODY);
    for (let nth = 1; nth <= all; nth += 1) {
      const draw = archive.draw('testimony', nth);
      const { linkId, isLinked, detainedAt } = archive.withBody(draw.whole(1, archive.size.people));
      yield [
        `TS-${padded(nth, 3)}`,
        isLinked && draw.chance(OF_A_KNOWN_PERSON) ? linkId : '',
        `Witness ${draw.whole(100, 999)}`,
        writeDate(dayOf(draw.whole(2014, 2025), draw), draw),
        `Shared a cell with him in ${detainedAt.nameEn}; he was ill; not seen after.`,
        draw.oneOf(CONSENT),
      ];
    }
  },
};
