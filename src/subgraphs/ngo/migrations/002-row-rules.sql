-- Row rules of an NGO or media partner. A row is visible only in a session that was given the number of its label set.
-- The custodian itself (the role that runs this migration) reads and writes its own records: import, never a resolver.

alter table collections enable row level security;
alter table collections force row level security;
create policy visible_label_sets on collections for select to amana_reader
  using (label_set = any ((select visible_label_sets())::integer[]));
create policy custodian_itself on collections to current_user using (true) with check (true);

alter table depicted_bodies enable row level security;
alter table depicted_bodies force row level security;
create policy visible_label_sets on depicted_bodies for select to amana_reader
  using (label_set = any ((select visible_label_sets())::integer[]));
create policy custodian_itself on depicted_bodies to current_user using (true) with check (true);

alter table photographs enable row level security;
alter table photographs force row level security;
create policy visible_label_sets on photographs for select to amana_reader
  using (label_set = any ((select visible_label_sets())::integer[]));
create policy custodian_itself on photographs to current_user using (true) with check (true);

alter table links enable row level security;
alter table links force row level security;
create policy visible_label_sets on links for select to amana_reader
  using (label_set = any ((select visible_label_sets())::integer[]));
create policy custodian_itself on links to current_user using (true) with check (true);

grant select on collections, depicted_bodies, photographs to amana_reader;
grant select (record_id, record_type, person, label_set) on links to amana_reader;
