import { bodyNumber } from './bodies.ts';
import { dayOf } from './dates.ts';
import type { GeneratedFile } from './generated-file.ts';

const STATE = ['CONFIRMED', 'CONFIRMED', 'CONFIRMED', 'CONFIRMED', 'CONFIRMED', 'CONFIRMED', 'CONFIRMED'];

/** `missing/links.csv`: the link register, the report and the body of each person linked. */
export const links: GeneratedFile = {
  custodian: 'missing',
  file: 'links.csv',
  columns: ['person', 'custodian', 'record', 'state', 'confidence', 'basis', 'decided_on'],
  *rows(archive) {
    for (const { index, body, linkId, reportNumber, isLinked } of archive.everybody()) {
      if (!isLinked || body === undefined) continue;
      const draw = archive.draw('links', index);
      yield [linkId, 'missing', reportNumber, 'CONFIRMED', '1.0', 'register', dayOf(2024, draw)];
      yield [
        ...[linkId, 'ngo-a', bodyNumber(body)],
        draw.oneOf([...STATE, 'CANDIDATE', 'CANDIDATE', 'REJECTED']),
        `0.${draw.whole(52, 97)}`,
        draw.oneOf(['relative recognised', 'numbers and date', 'name on card']),
        dayOf(2025, draw),
      ];
    }
  },
};
