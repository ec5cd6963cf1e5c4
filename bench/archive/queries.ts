import { readFileSync } from 'node:fs';
import type { InventedArchive, InventedPerson } from '../../src/demo/generate/archive.ts';
import type { Draw } from '../../src/demo/generate/draw.ts';
import type { DemoCustodian } from '../../src/demo/demo-custodians.ts';

/** A question that an analyst typically asks, with other values each time. */
export interface TypicalQuery {
  readonly name: string;
  /** Of whom it is asked directly. */
  readonly custodian: DemoCustodian['id'];
  readonly as: 'authority-officer' | 'analyst';
  /** `page`s have a bound; a `count` goes through all that may be seen; `across` needs several custodians and the gateway. */
  readonly kind: 'page' | 'count' | 'across';
  readonly document: string;
  /** What is asked of the custodian alone, where the gateway is asked for more. */
  readonly own?: string;
  readonly variables: (draw: Draw, archive: InventedArchive) => Readonly<Record<string, unknown>>;
  /** How many pages are walked through, each of them measured; the connection is the document's one root field. */
  readonly pages?: number;
}

const ACROSS = readFileSync(new URL('../../src/demo/cross-organisation-query.graphql', import.meta.url), 'utf8');

const anybody = (draw: Draw, archive: InventedArchive): InventedPerson =>
  archive.withBody(draw.whole(1, archive.size.people));

/** The link ids of so many people whom the register links. */
function linked(draw: Draw, archive: InventedArchive, howMany: number): string[] {
  const found = new Set<string>();
  for (let tries = howMany * 20; found.size < howMany && tries > 0; tries -= 1) {
    const person = anybody(draw, archive);
    if (person.isLinked) found.add(person.linkId);
  }
  return [...found];
}

const PHOTOGRAPH =
  'id reference capturedOn { value precision } facility { nameEn nameAr } collection { title } body { reference category }';
const PHOTOGRAPHS = `query ($facility: String, $from: ArchiveDate, $to: ArchiveDate) {
  photographs(first: 50, filter: { facility: $facility, capturedFrom: $from, capturedTo: $to }) {
    pageInfo { hasNextPage endCursor } nodes { ${PHOTOGRAPH} } } }`;
const byFacilityAndDate: TypicalQuery['variables'] = (draw, archive) => {
  const year = draw.whole(2012, 2019);
  return {
    facility: draw.oneOf(archive.places.hospitals).nameAr,
    from: `${year}-0${draw.whole(1, 9)}`,
    to: String(year + 1),
  };
};
const REPORT =
  'id reference status governorate name { asWritten romanised } birthDate { value } lastSeenOn { value precision } lastSeenAt { nameEn nameAr }';
const CERTIFICATE =
  'id reference registeredOn { value } name { asWritten } mother statedDate { value precision } statedPlace { nameEn nameAr }';
const BODY = 'id reference category facility { nameEn nameAr } numbers { value series } photographedOn { value }';
const AT_THE_AUTHORITY = `id missingPersonReports(first: 5) { nodes { ${REPORT} circumstances relatives(first: 5) { nodes { kinship name { asWritten } } } } }
  identificationDecisions(first: 5) { nodes { reference method status decidedOn { value } notification { status } } }`;
const EDGES = `${AT_THE_AUTHORITY}
  deathCertificates(first: 5) { nodes { ${CERTIFICATE} } } custodyTransfers(first: 5) { nodes { reference date { value } from { nameEn } to { nameEn } } }
  courtFiles(first: 5) { nodes { reference filedOn { value } } }
  depictedBodies(first: 5) { nodes { ${BODY} photographs(first: 10) { totalCount nodes { reference capturedOn { value } } } } }`;

/** The questions that are measured. */
export const TYPICAL_QUERIES: readonly TypicalQuery[] = [
  {
    ...{ name: 'photographs by facility and date', custodian: 'ngo-a', as: 'authority-officer', kind: 'page' },
    ...{ document: PHOTOGRAPHS, variables: byFacilityAndDate },
  },
  {
    ...{ name: 'the same, asked by one who may see none', custodian: 'ngo-a', as: 'analyst', kind: 'page' },
    ...{ document: PHOTOGRAPHS, variables: byFacilityAndDate },
  },
  {
    ...{ name: 'photographs, unfiltered, by one who may see none', custodian: 'ngo-a', as: 'analyst', kind: 'page' },
    ...{ document: PHOTOGRAPHS, variables: () => ({}) },
  },
  {
    ...{ name: 'photographs, 10 pages on', custodian: 'ngo-a', as: 'authority-officer', kind: 'page', pages: 10 },
    document: `query ($after: String) { photographs(first: 50, after: $after) { pageInfo { hasNextPage endCursor } nodes { ${PHOTOGRAPH} } } }`,
    variables: () => ({}),
  },
  {
    ...{ name: 'bodies by number', custodian: 'ngo-a', as: 'authority-officer', kind: 'page' },
    document: `query ($number: String) { depictedBodies(first: 20, filter: { number: $number }) { nodes { ${BODY} } } }`,
    variables: (draw, archive) => ({ number: anybody(draw, archive).detaineeNumber }),
  },
  {
    ...{ name: 'linked bodies, with the person', custodian: 'ngo-a', as: 'authority-officer', kind: 'page' },
    document: `query ($facility: String) { depictedBodies(first: 50, filter: { linked: true, facility: $facility }) { nodes { ${BODY} person { id } } } }`,
    variables: (draw, archive) => ({ facility: draw.oneOf(archive.places.hospitals).code }),
  },
  {
    ...{ name: 'certificates by name', custodian: 'ministry', as: 'analyst', kind: 'page' },
    document: `query ($name: String) { deathCertificates(first: 20, filter: { name: $name }) { pageInfo { hasNextPage } nodes { ${CERTIFICATE} statedCause } } }`,
    variables: (draw, archive) => {
      const { ism, father } = anybody(draw, archive).name;
      return { name: draw.chance(0.5) ? ism.arabic : `${ism.arabic} ${father.arabic}` };
    },
  },
  {
    ...{ name: 'reports by name and date', custodian: 'missing', as: 'analyst', kind: 'page' },
    document: `query ($name: String, $from: ArchiveDate, $to: ArchiveDate) {
      missingPersonReports(first: 20, filter: { name: $name, lastSeenFrom: $from, lastSeenTo: $to }) { pageInfo { hasNextPage } nodes { ${REPORT} } } }`,
    variables: (draw, archive) => {
      const { name, arrested } = anybody(draw, archive);
      return { name: name.ism.arabic, from: arrested.slice(0, 7), to: arrested.slice(0, 4) };
    },
  },
  {
    ...{ name: 'testimonies', custodian: 'ngo-b', as: 'authority-officer', kind: 'page' },
    document: `query ($from: ArchiveDate) { testimonies(first: 50, filter: { takenFrom: $from }) { pageInfo { hasNextPage } nodes { id reference takenOn { value } summary consent person { id } } } }`,
    variables: (draw) => ({ from: String(draw.whole(2014, 2024)) }),
  },
  {
    ...{ name: 'a person, with everything', custodian: 'missing', as: 'authority-officer', kind: 'page' },
    document: `query ($id: ID!) { person(id: $id) { ${EDGES} } }`,
    own: `query ($id: ID!) { person(id: $id) { ${AT_THE_AUTHORITY} } }`,
    variables: (draw, archive) => ({ id: linked(draw, archive, 1)[0] }),
  },
  {
    ...{ name: '50 persons, with everything', custodian: 'missing', as: 'authority-officer', kind: 'page' },
    document: `query ($ids: [ID!]!) { persons(ids: $ids) { ${EDGES} } }`,
    own: `query ($ids: [ID!]!) { persons(ids: $ids) { ${AT_THE_AUTHORITY} } }`,
    variables: (draw, archive) => ({ ids: linked(draw, archive, 50) }),
  },
  {
    ...{ name: 'number of all photographs', custodian: 'ngo-a', as: 'authority-officer', kind: 'count' },
    ...{ document: '{ photographs { totalCount } }', variables: () => ({}) },
  },
  {
    ...{
      name: 'number of photographs by facility and date',
      custodian: 'ngo-a',
      as: 'authority-officer',
      kind: 'count',
    },
    document: `query ($facility: String, $from: ArchiveDate, $to: ArchiveDate) { photographs(filter: { facility: $facility, capturedFrom: $from, capturedTo: $to }) { totalCount } }`,
    variables: byFacilityAndDate,
  },
  {
    ...{ name: 'the demo’s cross-organisation query', custodian: 'missing', as: 'authority-officer', kind: 'across' },
    ...{ document: ACROSS, variables: (draw, archive) => ({ ids: linked(draw, archive, 3) }) },
  },
];
