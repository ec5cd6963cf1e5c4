import { dayOf, writeDate } from './dates.ts';
import { type GeneratedFile, padded } from './generated-file.ts';

const PHOTOGRAPHS_PER_EVENT = 75;

/** `ngo-a/custody_events.csv`: what was done with the collections. */
export const custodyEvents: GeneratedFile = {
  custodian: 'ngo-a',
  file: 'custody_events.csv',
  columns: ['event', 'collection', 'type', 'at', 'sha256_before', 'sha256_after', 'agent'],
  *rows(archive) {
    const events = Math.ceil(archive.size.photographs / PHOTOGRAPHS_PER_EVENT);
    for (let event = 1; event <= events; event += 1) {
      const draw = archive.draw('event', event);
      const digest = draw.hexadecimal(64);
      yield [
        `E${padded(event, 4)}`,
        draw.oneOf(['C-1', 'C-2']),
        draw.oneOf(['RECEIVED', 'COPIED', 'HASHED', 'TRANSFERRED', 'VERIFIED']),
        writeDate(dayOf(2025, draw), draw),
        digest,
        digest,
        `archivist ${draw.whole(1, 4)}`,
      ];
    }
  },
};
