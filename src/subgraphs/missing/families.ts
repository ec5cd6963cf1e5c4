import { type DeliveredFile, nameKeys, wholeName } from 'amana/kit';
import { readHeight } from './read-height.ts';

/** The families of the missing, CONSENT_LIMITED to whom each line names; how to reach them is kept and never served. */
export const relatives: DeliveredFile = {
  file: 'relatives.csv',
  columns: [
    ...['relative_no', 'report_no', 'kinship', 'name', 'phone', 'channel'],
    ...['wants_news', 'wants_images', 'consent'],
  ],
  refersTo: { report_no: 'missing_person_reports' },
  read: (row) => {
    const reference = row.reference('relative_no');
    row.requiredText('report_no');
    const name = row.requiredText('name');
    const consent = row.consent('consent');
    return [
      {
        table: 'relatives',
        reference,
        labels: ['CONSENT_LIMITED'],
        consent,
        values: {
          sort_key: reference,
          report: row.refersTo('report_no'),
          kinship: row.requiredText('kinship').toUpperCase(),
          name: wholeName(name),
          ...nameKeys(name),
          wants_news: row.yesNo('wants_news'),
          wants_images: row.yesNo('wants_images'),
          consent,
        },
      },
    ];
  },
};

/** What families and physicians told of the missing, one row per report. */
export const anteMortem: DeliveredFile = {
  file: 'ante_mortem.csv',
  columns: ['report_no', 'height_cm', 'dental', 'medical', 'marks', 'clothing'],
  refersTo: { report_no: 'missing_person_reports' },
  read: (row) => {
    const reference = row.reference('report_no');
    const height = row.number('height_cm');
    return [
      {
        table: 'ante_mortem_data',
        reference,
        labels: [],
        values: {
          sort_key: reference,
          report: row.refersTo('report_no'),
          height_cm: height && readHeight(height),
          height_as_written: row.asWritten('height_cm'),
          dental: row.text('dental'),
          medical: row.text('medical'),
          marks: row.text('marks'),
          clothing: row.text('clothing'),
        },
      },
    ];
  },
};
