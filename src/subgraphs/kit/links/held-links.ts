import { z } from 'zod';
import { CustodianId } from '../../../protocol/identifiers.ts';
import { LinksExportError, PERSON_ID } from '../../../protocol/links-export.ts';
import type { Delivery } from '../import/delivery.ts';
import type { Storage } from '../storage.ts';
import { deliveredLinksSql } from './settle-links.ts';

const Held = z.strictObject({ custodian: CustodianId, persons: z.array(z.string().regex(PERSON_ID)) });

/** The link ids that a custodian's own delivery names, so that the Authority can say how far their families' notification is. */
export type HeldLinks = z.infer<typeof Held>;

/** The link ids that this custodian holds from its own delivery, sorted. Nothing else about the records is told. */
export async function heldLinks({
  storage,
  custodian,
  delivery,
}: {
  storage: Storage;
  custodian: string;
  delivery: Delivery;
}): Promise<HeldLinks> {
  const rows = await storage.query<{ person: string }>({
    sql: `select distinct person from (${deliveredLinksSql(delivery)}) held order by person`,
    parameters: [],
  });
  return { custodian, persons: rows.map(({ person }) => person) };
}

/** Reads the file that `amana links held` wrote at that custodian; throws `LinksExportError`. */
export function parseHeldLinks(text: string, custodian: string): HeldLinks {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw new LinksExportError('The file of held links is not JSON. Give the file that "amana links held" wrote.', {
      cause,
    });
  }
  const held = Held.safeParse(content);
  if (!held.success) throw new LinksExportError('The file of held links is not one that "amana links held" wrote.');
  if (held.data.custodian !== custodian) throw new LinksExportError("The file of held links is another custodian's.");
  return held.data;
}
