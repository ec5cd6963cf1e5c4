import {
  type Delivery,
  type DeliveredFile,
  HIDING_LABELS,
  LABELS,
  applyLabels,
  dateColumns,
  dateSortKey,
  isBefore,
} from 'amana/kit';
import { ledgerPhotographs } from './ledger-photographs.ts';
import { sha256 } from './sha256.ts';
import { custodyEvents, testimonies } from './testimonies-and-custody.ts';

// Hidden from everybody until its first labels are settled, within the same import, and told by that from one settled.
const NEWBORN = HIDING_LABELS.toSorted();

/** The hiding labels that a record has and keeps. */
const kept = (table: string): string =>
  `array(select label from unnest(${table}.labels) label
    where label in (${list(HIDING_LABELS)}) and ${table}.labels <> array[${list(NEWBORN)}])`;

const list = (labels: readonly string[]): string => labels.map((label) => `'${label}'`).join(', ');

const collections: DeliveredFile = {
  file: 'collections.csv',
  columns: ['collection', 'title', 'from', 'to', 'medium', 'labels'],
  read: (row) => {
    const from = row.date('from');
    const to = row.date('to');
    const title = row.requiredText('title');
    if (isBefore(to, from)) row.refuse('CONTRADICTION', 'to', 'the period ends before it begins');
    return [
      {
        table: 'collections',
        reference: row.reference('collection'),
        labels: row.someOf('labels', LABELS).toSorted(),
        hidingLabelsStay: true,
        values: {
          sort_key: title,
          title,
          ...dateColumns('period_start', from),
          ...dateColumns('period_end', to),
          medium: row.text('medium'),
        },
      },
    ];
  },
};

const bodies: DeliveredFile = {
  file: 'bodies.csv',
  columns: [
    'body',
    'category',
    'facility',
    'detainee_no',
    'branch_no',
    'hospital_no',
    'legibility',
    'photographed',
    'observations',
  ],
  read: (row) => {
    const place = row.place('facility');
    const photographed = row.date('photographed');
    return [
      {
        table: 'depicted_bodies',
        reference: row.reference('body'),
        labels: NEWBORN,
        labelsAreSettled: true,
        values: {
          sort_key: dateSortKey(photographed),
          category: row.oneOf('category', ['DETAINEE', 'MILITARY', 'UNKNOWN']),
          facility: place.facility?.code ?? null,
          facility_as_written: place.asWritten,
          ...dateColumns('photographed_on', photographed),
          detainee_number: row.number('detainee_no'),
          branch_number: row.number('branch_no'),
          hospital_number: row.number('hospital_no'),
          legibility: row.text('legibility') && row.oneOf('legibility', ['CLEAR', 'PARTIAL', 'ILLEGIBLE']),
          observations: row.text('observations'),
        },
      },
    ];
  },
};

const photographs: DeliveredFile = {
  file: 'photographs.csv',
  columns: ['photo', 'collection', 'body', 'taken', 'facility', 'path', 'sha256', 'photographer', 'exif'],
  refersTo: { collection: 'collections', body: 'depicted_bodies' },
  read: (row) => {
    const place = row.place('facility');
    const taken = row.date('taken');
    const reference = row.reference('photo');
    row.requiredText('collection');
    const collection = row.refersTo('collection') ?? '';
    return [
      {
        table: 'photographs',
        reference,
        // Most rows of an archive: born as settled, they are written once.
        labels: ['GRAPHIC'],
        bornWithLabelsOf: { table: 'collections', id: collection },
        labelsAreSettled: true,
        values: {
          sort_key: dateSortKey(taken),
          collection,
          body: row.refersTo('body'),
          facility: place.facility?.code ?? null,
          facility_as_written: place.asWritten,
          ...dateColumns('captured_on', taken),
          sha256: sha256(row, 'sha256'),
        },
      },
      { table: 'photograph_originals', reference, labels: [], values: { path: row.text('path') } },
    ];
  },
};

/**
 * How an NGO's files become its records. A photograph has its collection's labels and
 * GRAPHIC, an event of its custody the collection's, a body those of its photographs, and a body that no photograph shows is COORDINATED, since nobody can tell
 * which collection it came from. A delivery only ever adds hiding labels: a collection whose row no longer names one
 * keeps it, which the report says, and so do a photograph that moves to another collection and a body whose photographs
 * become others. COORDINATED comes off by a release that Ministry, Authority and custodian approve, never by a delivery;
 * so a body that is delivered without its photographs stays COORDINATED when they follow.
 */
export const delivery: Delivery = {
  files: [collections, bodies, photographs, ledgerPhotographs, custodyEvents, testimonies],
  linkable: { DepictedBody: 'depicted_bodies', Testimony: 'testimonies' },
  images: {
    coordinate: 'Photograph.image',
    table: 'photographs',
    originals: 'photograph_originals',
    derivatives: 'photograph_images',
    folder: 'images',
  },
  settle: async (query) => {
    await applyLabels(
      query,
      'photographs',
      `select p.id, array(select distinct label from unnest(c.labels || ${kept('p')} || array['GRAPHIC']) label order by label) as labels
        from photographs p join collections c on c.id = p.collection`,
    );
    await applyLabels(
      query,
      'custody_events',
      `select e.id, array(select distinct unnest(c.labels) order by 1) as labels
        from custody_events e join collections c on c.id = e.collection`,
    );
    await applyLabels(
      query,
      'depicted_bodies',
      `select b.id, array(select distinct label from unnest(${kept('b')} ||
            case when count(p.id) = 0 then array['COORDINATED'] else array_agg(label) end) label
            where label is not null order by label) as labels
        from depicted_bodies b left join photographs p on p.body = b.id left join collections c on c.id = p.collection
          left join lateral unnest(c.labels || ${kept('p')}) label on true
        group by b.id`,
    );
  },
};
