import { type Delivery, type DeliveredFile, dateColumns, dateSortKey, isBefore, nameKeys, wholeName } from 'amana/kit';

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
          name: wholeName(name, mother),
          ...nameKeys(name),
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

const courtFiles: DeliveredFile = {
  file: 'court_files.csv',
  columns: ['file_no', 'person', 'court', 'accused', 'filed', 'charge', 'verdict', 'sealed'],
  linksAs: 'CourtFile',
  read: (row) => {
    row.person('person');
    const court = row.place('court');
    const accused = row.requiredText('accused');
    const filed = row.date('filed');
    // What does not say that it is open stays closed.
    const sealed = row.yesNo('sealed') ?? true;
    return [
      {
        table: 'court_files',
        reference: row.reference('file_no'),
        labels: sealed ? ['SEALED'] : [],
        values: {
          sort_key: dateSortKey(filed),
          court: court.facility?.code ?? null,
          court_as_written: court.asWritten,
          ...dateColumns('filed_on', filed),
          accused: wholeName(accused),
          ...nameKeys(accused),
          charge: row.text('charge'),
          verdict: row.text('verdict'),
        },
      },
    ];
  },
};

/** How the Ministry's files become its records. Its links to persons are FAMILY_FIRST until the Authority says otherwise. */
export const delivery: Delivery = {
  files: [deathCertificates, custodyTransfers, courtFiles],
  linkable: {
    DeathCertificate: 'death_certificates',
    CustodyTransfer: 'custody_transfers',
    CourtFile: 'court_files',
    DetentionOrder: 'detention_orders',
  },
  settle: async () => {},
};
