/** What a custodian is built from: the face of the package `amana/kit`. */
export type { CustodianDefinition } from './custodian-definition.ts';
export { CountOf, Counted, Counts, Events, Related, Root } from './connection.ts';
export {
  NAME_BEGINS,
  Where,
  atLeast,
  atMost,
  equals,
  facilityIs,
  isLinked,
  mayLieFrom,
  mayLieUntil,
  nameBeginsWith,
  numberIs,
  oneAmong,
  referenceIs,
  sortedFrom,
  sortedUntil,
} from './conditions.ts';
export { fieldError } from './field-error.ts';
export { type EventKind, personEvents } from './person-events.ts';
export type { RecordRow } from './record-row.ts';
export { recordFields } from './record-fields.ts';
export { type RecordSource, recordSource } from './record-source.ts';
export { LinkedPerson, One, PersonIn, RelatedOne } from './relations.ts';
export { type Resolve, ResolvedBy } from './resolved-by.ts';
export { serveCustodian } from './serve-custodian.ts';
export { type Sql, compile, sql } from './sql.ts';
export { GuardedBy, tiers } from './tiers.ts';
export {
  Value,
  type ValueKind,
  asRecord,
  decimal,
  facility,
  flag,
  oneOf,
  partialDate,
  personName,
  text,
  textList,
  whole,
} from './value-kinds.ts';
export { ArchiveDate, Facility, PartialDate, PersonName, namedValues } from './values.ts';
export type { ViewerRequest } from './viewer-request.ts';

// Import of deliveries
export type { Delivery, DeliveredFile, DeliveredRecord } from './import/delivery.ts';
export type { DeliveredRow } from './import/delivered-row.ts';
export { type DeliveredDate, dateColumns, dateSortKey, isBefore } from './import/partial-date.ts';
export type { ImageRecords } from './images/image-records.ts';
export { ImageLink, imageLink } from './images/image-link.ts';
export { applyLabels } from './import/apply-labels.ts';
export { leadWithLabelSet } from './lead-with-label-set.ts';
export { addRomanKeys, nameKeys } from './name-keys.ts';
export { wholeName } from './import/whole-name.ts';
export type { Query, Storage } from './storage.ts';
export { HIDING_LABELS, LABELS } from '../../protocol/labels.ts';

// The link register and its signed export
export { loadRegister } from './links/load-register.ts';
export type { HeldLinks } from './links/held-links.ts';
export {
  NOTIFICATION_STATES,
  type RegisterExtract,
  type RegisterSigner,
  signLinksExport,
} from '../../protocol/links-export.ts';
