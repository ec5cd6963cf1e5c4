import { type DeliveredFile, dateColumns, dateSortKey, nameKeys } from 'amana/kit';
import { sha256 } from './sha256.ts';

/**
 * Photographs of one line each, with the name that a ledger gives. Two of them show one body where numbers, facility and
 * date agree; where one of these is not known nobody can say so, and each makes a body of its own. A collection is known
 * by its title only, so it is born COORDINATED: nothing says that it was released.
 */
export const ledgerPhotographs: DeliveredFile = {
  file: 'photographs.jsonl',
  columns: [
    ...['id', 'collection', 'facility', 'taken', 'numbers.detainee', 'numbers.branch', 'numbers.hospital'],
    ...['name', 'sha256', 'person'],
  ],
  linksAs: 'DepictedBody',
  linksThrough: { table: 'photographs', column: 'body' },
  read: (row) => {
    row.person('person');
    const reference = row.reference('id');
    const title = row.requiredText('collection');
    const place = row.place('facility');
    const taken = row.date('taken');
    const name = row.text('name');
    const numbers = {
      detainee_number: row.number('numbers.detainee'),
      branch_number: row.number('numbers.branch'),
      hospital_number: row.number('numbers.hospital'),
    };
    const seen = {
      sort_key: dateSortKey(taken),
      facility: place.facility?.code ?? null,
      facility_as_written: place.asWritten,
    };
    const written = Object.values(numbers);
    const where = place.facility?.code ?? place.asWritten;
    const isTold = written.some((number) => number !== null) && where !== null && taken !== null;
    const body = isTold ? [where, taken.value, ...written.map((number) => number ?? '-')].join(' | ') : reference;
    return [
      {
        table: 'photographs',
        reference,
        holds: {
          collection: { table: 'collections', reference: title },
          body: { table: 'depicted_bodies', reference: body },
        },
        labels: ['COORDINATED', 'GRAPHIC'],
        labelsAreSettled: true,
        values: { ...seen, ...dateColumns('captured_on', taken), sha256: sha256(row, 'sha256') },
      },
      {
        table: 'depicted_bodies',
        reference: body,
        labels: ['COORDINATED'],
        labelsAreSettled: true,
        values: {
          ...{ ...seen, ...dateColumns('photographed_on', taken), ...numbers },
          category: 'UNKNOWN',
          name_on_ledger: name,
          ...nameKeys(name),
        },
      },
      {
        table: 'collections',
        reference: title,
        labels: ['COORDINATED'],
        labelsAreSettled: true,
        values: { sort_key: title, title },
      },
    ];
  },
};
