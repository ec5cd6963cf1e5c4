import { HIDING_LABELS, type Label } from '../../protocol/labels.ts';
import type { Query } from './storage.ts';

/**
 * The number that stands on a record for the hiding labels among those given, and with CONSENT_LIMITED for the consent
 * (kinds of recipients and ids of organisations), made where this set is new. Labels that do not hide (`GRAPHIC`) leave
 * the number as it is.
 */
export async function labelSetNumber(
  query: Query,
  labels: readonly Label[],
  consent: readonly string[] = [],
): Promise<number> {
  const hiding = [...new Set(labels)].filter((label) => HIDING_LABELS.includes(label)).sort();
  const consented = hiding.includes('CONSENT_LIMITED') ? [...new Set(consent)].sort() : [];
  const [row] = await query<{ id: number }>({
    sql: 'select id from label_sets where labels = $1 and consent = $2',
    parameters: [hiding, consented],
  });
  if (row) return row.id;
  const [made] = await query<{ id: number }>({
    // Somebody else may make it at the same time: then this waits for them and answers theirs.
    sql: `insert into label_sets (labels, consent) values ($1, $2)
      on conflict (labels, consent) do update set labels = excluded.labels returning id`,
    parameters: [hiding, consented],
  });
  if (!made) throw new Error('the database answered no label set');
  return made.id;
}
