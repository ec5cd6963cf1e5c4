import { type DeliveredFile, dateColumns, dateSortKey } from 'amana/kit';
import { sha256 } from './sha256.ts';

/** What was done with collections; who did it is kept and never served. An event has its collection's labels. */
export const custodyEvents: DeliveredFile = {
  file: 'custody_events.csv',
  columns: ['event', 'collection', 'type', 'at', 'sha256_before', 'sha256_after', 'agent'],
  refersTo: { collection: 'collections' },
  read: (row) => {
    const at = row.date('at');
    row.requiredText('collection');
    return [
      {
        table: 'custody_events',
        reference: row.reference('event'),
        labels: ['COORDINATED'],
        labelsAreSettled: true,
        values: {
          sort_key: dateSortKey(at),
          collection: row.refersTo('collection'),
          type: row.oneOf('type', ['RECEIVED', 'COPIED', 'HASHED', 'TRANSFERRED', 'VERIFIED']),
          ...dateColumns('at', at),
          hash_before: sha256(row, 'sha256_before'),
          hash_after: sha256(row, 'sha256_after'),
        },
      },
    ];
  },
};

/** What witnesses told, CONSENT_LIMITED to whom each line names. */
export const testimonies: DeliveredFile = {
  file: 'testimonies.csv',
  columns: ['testimony', 'person', 'witness', 'taken', 'summary', 'consent'],
  linksAs: 'Testimony',
  read: (row) => {
    row.person('person');
    const taken = row.date('taken');
    const consent = row.consent('consent');
    return [
      {
        table: 'testimonies',
        reference: row.reference('testimony'),
        labels: ['CONSENT_LIMITED'],
        consent,
        values: {
          sort_key: dateSortKey(taken),
          ...dateColumns('taken_on', taken),
          witness_pseudonym: row.text('witness'),
          summary: row.text('summary'),
          consent,
        },
      },
    ];
  },
};
