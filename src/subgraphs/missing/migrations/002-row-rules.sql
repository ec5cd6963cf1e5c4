-- Row rules of the National Authority for the Missing. A row is visible only in a session that was given the number of its label set.
-- The custodian itself (the role that runs this migration) reads and writes its own records: import, never a resolver.

alter table missing_person_reports enable row level security;
alter table missing_person_reports force row level security;
create policy visible_label_sets on missing_person_reports for select to amana_reader
  using (label_set = any ((select visible_label_sets())::integer[]));
create policy custodian_itself on missing_person_reports to current_user using (true) with check (true);

alter table identification_decisions enable row level security;
alter table identification_decisions force row level security;
create policy visible_label_sets on identification_decisions for select to amana_reader
  using (label_set = any ((select visible_label_sets())::integer[]));
create policy custodian_itself on identification_decisions to current_user using (true) with check (true);

alter table family_notifications enable row level security;
alter table family_notifications force row level security;
create policy visible_label_sets on family_notifications for select to amana_reader
  using (label_set = any ((select visible_label_sets())::integer[]));
create policy custodian_itself on family_notifications to current_user using (true) with check (true);

alter table register_links enable row level security;
alter table register_links force row level security;
create policy visible_label_sets on register_links for select to amana_reader
  using (label_set = any ((select visible_label_sets())::integer[]));
create policy custodian_itself on register_links to current_user using (true) with check (true);

alter table links enable row level security;
alter table links force row level security;
create policy visible_label_sets on links for select to amana_reader
  using (label_set = any ((select visible_label_sets())::integer[]));
create policy custodian_itself on links to current_user using (true) with check (true);

grant select on missing_person_reports, identification_decisions, family_notifications, register_links to amana_reader;
grant select (record_id, record_type, person, label_set) on links to amana_reader;
