import {
  type HeldLinks,
  type Query,
  type RegisterExtract,
  type RegisterSigner,
  type Storage,
  signLinksExport,
} from 'amana/kit';

/**
 * A select of how far the notification of each person's family is: `person`, `notification`. Where there are several
 * records of it, they count as delivered or declined only if all say so; in doubt the family has not been told.
 */
export const notificationStatesSql = `select person,
    (array_agg(status order by status in ('DELIVERED', 'DECLINED'), sort_key desc, id))[1] as notification
  from family_notifications group by person`;

/** Whose export is made, for which link ids that the custodian holds already, and with which key. */
export interface LinksExportRequest {
  readonly storage: Storage;
  readonly custodian: string;
  /** What `amana links held` wrote at the custodian. */
  readonly held?: HeldLinks;
  readonly signer: RegisterSigner;
}

/** Exports to one custodian its own CONFIRMED links, signed; answers the file's text and how much is in it. */
export async function exportLinks({
  storage,
  custodian,
  held,
  signer,
}: LinksExportRequest): Promise<{ jws: string; links: number; persons: number }> {
  const extract = await readRegisterExtract(storage.query, custodian, held?.persons ?? []);
  return {
    jws: await signLinksExport(signer, custodian, extract),
    links: extract.links.length,
    persons: extract.persons.length,
  };
}

/**
 * What the register says to one custodian: its own CONFIRMED links, and of the persons it holds those whom the register
 * has CONFIRMED anywhere; and its own links that are REJECTED or SPLIT. CANDIDATE is not told; a record confirmed to be two persons is neither.
 */
export async function readRegisterExtract(
  query: Query,
  custodian: string,
  held: readonly string[],
): Promise<RegisterExtract> {
  const links = await query<RegisterExtract['links'][number]>({
    sql: `select l.record_reference as record, min(l.person) as person, min(n.notification) as notification
      from register_links l left join (${notificationStatesSql}) n using (person)
      where l.linked_custodian = $1 and l.state = 'CONFIRMED'
      group by l.record_reference having count(distinct l.person) = 1 order by 1`,
    parameters: [custodian],
  });
  const persons = await query<RegisterExtract['persons'][number]>({
    sql: `select h.person, n.notification from unnest($1::text[]) as h (person) left join (${notificationStatesSql}) n using (person)
      where exists (select from register_links l where l.person = h.person and l.state = 'CONFIRMED') order by 1`,
    parameters: [[...new Set(held)]],
  });
  const rejected = await query<{ record: string; person: string }>({
    sql: `select record_reference as record, person from register_links
      where linked_custodian = $1 and state in ('REJECTED', 'SPLIT') order by 1, 2`,
    parameters: [custodian],
  });
  return { links, persons, rejected };
}
