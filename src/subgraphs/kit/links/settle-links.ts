import { applyLabelSets } from '../import/apply-labels.ts';
import type { Delivery } from '../import/delivery.ts';
import type { Query } from '../storage.ts';

/**
 * Makes the edges between records and persons follow from what is known: what the link register has confirmed, else what
 * the custodian's own delivery says, but for what the register has rejected or split. An edge carries its record's labels
 * and consent, and FAMILY_FIRST until the Authority has
 * recorded that person's notification as delivered or declined; a person of whom it has said nothing stays FAMILY_FIRST.
 * Touches only what differs. To be run in a transaction.
 */
export async function settleLinks(query: Query, delivery: Delivery): Promise<void> {
  const run = (sql: string): Promise<unknown[]> => query({ sql, parameters: [] });
  await run(`create temporary table wanted_links on commit drop as
    with records as (${recordsSql(delivery)}),
    confirmed as (
      -- A reference that two records have does not say which of them is meant.
      select min(r.id) as id, e.person from register_entries e join records r on r.reference = e.record_reference
        group by e.record_reference, e.person having count(*) = 1
    ),
    edges as (
      select id, person, 'REGISTER' as source from confirmed
      union all
      select d.record_id, d.person, 'DELIVERY' from (${deliveredLinksSql(delivery)}) d
        where not exists (select from confirmed c where c.id = d.record_id)
    )
    select r.id as record_id, r.record_type, e.person, n.notification, e.source,
        case when n.notification in ('DELIVERED', 'DECLINED') then s.labels
          else array(select distinct label from unnest(s.labels || array['FAMILY_FIRST']) label order by label) end as labels, s.consent
      from edges e join records r using (id) join label_sets s on s.id = r.label_set
        left join person_notifications n using (person)
      where not exists (
        select from register_rejections x where x.record_reference = r.reference and x.person = e.person
      )`);
  await applyLabelSets(query, 'wanted_links');
  await run('delete from links l where not exists (select from wanted_links w where w.record_id = l.record_id)');
  await run(`insert into links as old (record_id, record_type, person, label_set, notification, source)
    select record_id, record_type, person, label_set, notification, source from wanted_links
    on conflict (record_id) do update set person = excluded.person, label_set = excluded.label_set,
      notification = excluded.notification, source = excluded.source
      where (old.person, old.label_set, old.notification, old.source)
        is distinct from (excluded.person, excluded.label_set, excluded.notification, excluded.source)`);
  await run('drop table wanted_links');
}

/** A select of the records that can be linked: `id`, `reference`, `label_set`, `record_type`. */
export function recordsSql({ linkable }: Delivery): string {
  return Object.entries(linkable)
    .map(([type, table]) => `select id, reference, label_set, '${type}' as record_type from "${table}"`)
    .join(' union all ');
}

/**
 * A select of the edges that the custodian's own delivery states: `record_id`, `person`, each record once. Of a record
 * that two rows say to be two persons it states none.
 */
export function deliveredLinksSql({ files }: Delivery): string {
  const linking = files.filter(({ linksAs }) => linksAs !== undefined);
  const own = linking.filter(({ linksThrough }) => linksThrough === undefined).map(({ file }) => `'${file}'`);
  const through = linking.flatMap(({ file, linksThrough: to }) =>
    to === undefined
      ? []
      : [
          `select r."${to.column}" as record_id, min(d.person) as person
            from delivered_rows d join "${to.table}" r on r.id = d.record_id
            where superseded_at is null and file = '${file}' and d.person is not null and r."${to.column}" is not null
            group by r."${to.column}" having count(distinct d.person) = 1`,
        ],
  );
  return [
    `select record_id, person from delivered_rows
      where superseded_at is null and file in (${own.join(', ') || 'null'}) and person is not null`,
    ...through,
  ].join(' union all ');
}
