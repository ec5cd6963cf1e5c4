import type { JWTVerifyGetKey } from 'jose';
import { LinksExportError, type VerifiedExport, verifyLinksExport } from '../../../protocol/links-export.ts';
import type { Delivery } from '../import/delivery.ts';
import { lockImport } from '../import/lock-import.ts';
import type { Query, Storage } from '../storage.ts';
import { loadRegister } from './load-register.ts';
import { recordsSql, settleLinks } from './settle-links.ts';

/** The export to import, the Authority's pinned keys and the clock (milliseconds since 1970). */
export interface LinksImport {
  readonly storage: Storage;
  readonly custodian: string;
  readonly delivery: Delivery;
  readonly keys: JWTVerifyGetKey;
  /** What the file holds. */
  readonly jws: string;
  readonly now: () => number;
}

/** What an import of links brought. */
export interface LinksImportReport {
  readonly issuedAt: Date;
  readonly links: number;
  readonly persons: number;
  /** References that name no record here, or more than one. Their links wait until a delivery brings the record. */
  readonly unknownRecords: readonly string[];
}

/**
 * Imports the Authority's signed export: what the register had confirmed before is replaced by what it confirms now, and
 * FAMILY_FIRST goes on or off as each family's notification says. One transaction. Throws `LinksExportError` where the
 * export is not the Authority's, not for this custodian, or older than one imported before; then nothing has changed.
 */
export async function importLinks({
  storage,
  custodian,
  delivery,
  keys,
  jws,
  now,
}: LinksImport): Promise<LinksImportReport> {
  const verified = await verifyLinksExport({ keys, custodian, now }, jws);
  const { issuedAt, extract } = verified;
  const unknownRecords = await storage.transaction(async (query) => {
    await lockImport(query);
    await recordExport(query, verified, now());
    await loadRegister(query, extract);
    await settleLinks(query, delivery);
    return readUnknownRecords(query, delivery);
  });
  return { issuedAt: new Date(issuedAt), links: extract.links.length, persons: extract.persons.length, unknownRecords };
}

/** An old export says what is no longer so: it would show what was hidden since. */
async function recordExport(query: Query, { issuedAt, digest, extract }: VerifiedExport, now: number): Promise<void> {
  const issued = new Date(issuedAt).toISOString();
  const [later] = await query<{ same: boolean }>({
    sql: `select issued_at = $1 and digest = $2 as same from imported_link_exports where issued_at >= $1 order by issued_at desc limit 1`,
    parameters: [issued, digest],
  });
  if (later?.same) return;
  if (later) throw new LinksExportError('A later export has been imported before. Ask the Authority for a new one.');
  await query({
    sql: `insert into imported_link_exports (issued_at, digest, links, persons, imported_at) values ($1, $2, $3, $4, $5)`,
    parameters: [issued, digest, extract.links.length, extract.persons.length, new Date(now).toISOString()],
  });
}

async function readUnknownRecords(query: Query, delivery: Delivery): Promise<string[]> {
  const rows = await query<{ reference: string }>({
    sql: `select e.record_reference as reference from register_entries e left join (${recordsSql(delivery)}) r on r.reference = e.record_reference
      group by e.record_reference having count(r.id) <> 1 order by 1`,
    parameters: [],
  });
  return rows.map(({ reference }) => reference);
}
