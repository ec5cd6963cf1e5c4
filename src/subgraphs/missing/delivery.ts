import {
  type Delivery,
  type DeliveredFile,
  NOTIFICATION_STATES,
  applyLabels,
  dateColumns,
  dateSortKey,
  isBefore,
  loadRegister,
  nameKeys,
} from 'amana/kit';
import { notificationStatesSql, readRegisterExtract } from './export-links.ts';
import { anteMortem, relatives } from './families.ts';

const reports: DeliveredFile = {
  file: 'reports.csv',
  columns: [
    ...['report_no', 'ism', 'father', 'grandfather', 'family', 'mother', 'name_latin', 'birth_date', 'birth_place'],
    ...['last_seen', 'last_seen_place', 'circumstances', 'status'],
  ],
  read: (row) => {
    const reference = row.reference('report_no');
    const parts = {
      ism: row.name('ism'),
      father: row.name('father'),
      grandfather: row.name('grandfather'),
      family: row.name('family'),
    };
    const asWritten = Object.values(parts)
      .filter((part) => part !== null)
      .join(' ');
    const born = row.date('birth_date');
    const lastSeen = row.date('last_seen');
    const place = row.place('last_seen_place');
    if (isBefore(lastSeen, born)) row.refuse('CONTRADICTION', 'last_seen', 'it comes before the birth');
    const [, year] = /^R-((?:19|20)\d\d)-/u.exec(reference) ?? [];
    const reported = year === undefined ? null : { value: year, from: `${year}-01-01`, to: `${year}-12-31` };
    return [
      {
        table: 'missing_person_reports',
        reference,
        labels: [],
        values: {
          sort_key: dateSortKey(reported),
          status: row.oneOf('status', ['OPEN', 'IN_PROGRESS', 'CLOSED']),
          governorate: place.facility?.governorate ?? null,
          ...dateColumns('reported_on', reported, 'DERIVED'),
          name: { asWritten, ...parts, mother: row.name('mother'), laqab: null, romanised: row.name('name_latin') },
          ...nameKeys(asWritten),
          ...dateColumns('birth_date', born),
          birth_place: row.text('birth_place'),
          ...dateColumns('last_seen_on', lastSeen),
          last_seen_at: place.facility?.code ?? null,
          last_seen_at_as_written: place.asWritten,
          circumstances: row.text('circumstances'),
        },
      },
    ];
  },
};

const decisions: DeliveredFile = {
  file: 'decisions.csv',
  columns: ['decision_no', 'person', 'method', 'decided_on', 'status', 'notification'],
  read: (row) => {
    const reference = row.reference('decision_no');
    const person = row.requiredPerson('person');
    const decided = row.date('decided_on');
    const born = { reference, labels: ['FAMILY_FIRST'], labelsAreSettled: true } as const;
    return [
      {
        ...born,
        table: 'identification_decisions',
        values: {
          sort_key: dateSortKey(decided),
          person,
          method: row.requiredText('method'),
          ...dateColumns('decided_on', decided),
          status: row.oneOf('status', ['HYPOTHESIS', 'PROBABLE', 'CONFIRMED', 'REVOKED']),
        },
      },
      {
        ...born,
        table: 'family_notifications',
        values: { sort_key: dateSortKey(decided), person, status: row.oneOf('notification', NOTIFICATION_STATES) },
      },
    ];
  },
};

const links: DeliveredFile = {
  file: 'links.csv',
  columns: ['person', 'custodian', 'record', 'state', 'confidence', 'basis', 'decided_on'],
  refersTo: { record: 'missing_person_reports' },
  read: (row) => {
    const person = row.requiredPerson('person');
    const custodian =
      row.matching('custodian', /^[a-z][a-z0-9-]{0,30}$/u, "a custodian's id") ?? row.reference('custodian');
    const record = row.reference('record');
    // Of its own records the Authority knows which there are; other custodians report those that they do not have.
    if (custodian === row.custodian) row.refersTo('record');
    const decided = row.date('decided_on');
    return [
      {
        table: 'register_links',
        reference: `${custodian}/${record}/${person}`,
        labels: ['FAMILY_FIRST'],
        labelsAreSettled: true,
        values: {
          sort_key: dateSortKey(decided),
          person,
          linked_custodian: custodian,
          record_reference: record,
          confidence: row.decimal('confidence', 0, 1),
          basis: row.text('basis'),
          ...dateColumns('decided_on', decided),
          state: row.oneOf('state', ['CANDIDATE', 'CONFIRMED', 'REJECTED', 'SPLIT']),
        },
      },
    ];
  },
};

/**
 * How the Authority's files become its records. Decisions, notifications and register links are born FAMILY_FIRST; the
 * label is off exactly while the Authority's own record, in decisions.csv, says of that person that the family's
 * notification was delivered or declined: a delivery that leaves a decision out changes nothing, one that corrects it to
 * another state puts the label back. Its own edges come from the register by the way that every custodian's do.
 */
export const delivery: Delivery = {
  files: [reports, relatives, anteMortem, decisions, links],
  linkable: { MissingPersonReport: 'missing_person_reports' },
  settle: async (query, custodian) => {
    for (const table of ['identification_decisions', 'family_notifications', 'register_links']) {
      await applyLabels(
        query,
        table,
        `select r.id, case when n.notification in ('DELIVERED', 'DECLINED') then '{}' else '{FAMILY_FIRST}' end as labels
          from ${table} r left join (${notificationStatesSql}) n using (person)`,
      );
    }
    await loadRegister(query, await readRegisterExtract(query, custodian, []));
  },
};
