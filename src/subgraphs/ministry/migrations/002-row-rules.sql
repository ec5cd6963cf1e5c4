-- Row rules of the Ministry. A row is visible only in a session that was given the number of its label set.
-- The custodian itself (the role that runs this migration) reads and writes its own records: import, never a resolver.

alter table death_certificates enable row level security;
alter table death_certificates force row level security;
create policy visible_label_sets on death_certificates for select to amana_reader
  using (label_set = any ((select visible_label_sets())::integer[]));
create policy custodian_itself on death_certificates to current_user using (true) with check (true);

alter table custody_transfers enable row level security;
alter table custody_transfers force row level security;
create policy visible_label_sets on custody_transfers for select to amana_reader
  using (label_set = any ((select visible_label_sets())::integer[]));
create policy custodian_itself on custody_transfers to current_user using (true) with check (true);

alter table links enable row level security;
alter table links force row level security;
create policy visible_label_sets on links for select to amana_reader
  using (label_set = any ((select visible_label_sets())::integer[]));
create policy custodian_itself on links to current_user using (true) with check (true);

grant select on death_certificates, custody_transfers to amana_reader;
grant select (record_id, record_type, person, label_set) on links to amana_reader;
