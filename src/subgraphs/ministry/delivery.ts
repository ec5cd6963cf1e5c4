import { type Delivery, type DeliveredFile, dateColumns, dateSortKey, isBefore, normaliseName } from 'amana/kit';

const deathCertificates: DeliveredFile = {
  file: 'death_certificates.csv',
  columns: [
    'certificate_no',
    'person',
    'name',
    'mother',
    'born',
    'died',
    'place_of_death',
    'cause',
    'registered',
    'registry_office',
  ],
  linksAs: 'DeathCertificate',
  read: (row) => {
    const reference = row.reference('certificate_no');
    row.person('person');
    const name = row.requiredText('name');
    const mother = row.name('mother');
    const born = row.date('born');
    const died = row.date('died');
    const registered = row.date('registered');
    const place = row.place('place_of_death');
    // A registration before the stated death is kept: what a certificate asserts may be false, and that is evidence.
    if (isBefore(died, born)) row.refuse('CONTRADICTION', 'died', 'the stated death comes before the birth');
    return [
      {
        table: 'death_certificates',
        reference,
        labels: [],
        values: {
          sort_key: dateSortKey(registered),
          ...dateColumns('registered_on', registered),
          registry_office: row.text('registry_office'),
          name: {
            asWritten: name,
            ism: null,
            father: null,
            grandfather: null,
            family: null,
            mother,
            laqab: null,
            romanised: null,
          },
          name_key: normaliseName(name),
          mother,
          ...dateColumns('born', born),
          ...dateColumns('stated_date', died),
          stated_place: place.facility?.code ?? null,
          stated_place_as_written: place.asWritten,
          stated_cause: row.text('cause'),
        },
      },
    ];
  },
};

const custodyTransfers: DeliveredFile = {
  file: 'custody_transfers.csv',
  columns: ['transfer_no', 'person', 'from', 'to', 'date', 'detainee_no', 'condition'],
  linksAs: 'CustodyTransfer',
  read: (row) => {
    row.person('person');
    const from = row.place('from');
    const to = row.place('to');
    const date = row.date('date');
    return [
      {
        table: 'custody_transfers',
        reference: row.reference('transfer_no'),
        labels: [],
        values: {
          sort_key: dateSortKey(date),
          from_facility: from.facility?.code ?? null,
          from_as_written: from.asWritten,
          to_facility: to.facility?.code ?? null,
          to_as_written: to.asWritten,
          ...dateColumns('date', date),
          detainee_number: row.number('detainee_no'),
          condition_on_arrival: row.text('condition'),
        },
      },
    ];
  },
};

/** How the Ministry's files become its records. Its links to persons are FAMILY_FIRST until the Authority says otherwise. */
export const delivery: Delivery = {
  files: [deathCertificates, custodyTransfers],
  linkable: { DeathCertificate: 'death_certificates', CustodyTransfer: 'custody_transfers' },
  settle: async () => {},
};
