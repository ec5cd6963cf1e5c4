import { dayOf } from './dates.ts';
import { type GeneratedFile, padded } from './generated-file.ts';

const DECIDED = 0.51;
const STATUS = ['CONFIRMED', 'CONFIRMED', 'CONFIRMED', 'CONFIRMED', 'PROBABLE', 'PROBABLE', 'HYPOTHESIS', 'REVOKED'];
const NOTIFICATION = ['DELIVERED', 'DELIVERED', 'NOT_DUE', 'ATTEMPTED', 'PENDING', 'DECLINED'];

/** `missing/decisions.csv`: what was decided about half of those whom the register links, and whether the family was told. */
export const decisions: GeneratedFile = {
  custodian: 'missing',
  file: 'decisions.csv',
  columns: ['decision_no', 'person', 'method', 'decided_on', 'status', 'notification'],
  *rows(archive) {
    for (const { index, linkId, isLinked } of archive.everybody()) {
      const draw = archive.draw('decision', index);
      if (!isLinked || !draw.chance(DECIDED)) continue;
      yield [
        `D-${padded(index, 4)}`,
        linkId,
        draw.oneOf(['CIRCUMSTANTIAL', 'DNA', 'DENTAL', 'FINGERPRINT']),
        dayOf(2025, draw),
        draw.oneOf(STATUS),
        draw.oneOf(NOTIFICATION),
      ];
    }
  },
};
