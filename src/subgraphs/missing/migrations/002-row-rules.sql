-- Row rules of the National Authority for the Missing. A row is visible only in a session that was given the number of its label set.

alter table missing_person_reports enable row level security;
alter table missing_person_reports force row level security;
create policy visible_label_sets on missing_person_reports for select to amana_reader
  using (label_set = any ((select visible_label_sets())::integer[]));

alter table identification_decisions enable row level security;
alter table identification_decisions force row level security;
create policy visible_label_sets on identification_decisions for select to amana_reader
  using (label_set = any ((select visible_label_sets())::integer[]));

alter table family_notifications enable row level security;
alter table family_notifications force row level security;
create policy visible_label_sets on family_notifications for select to amana_reader
  using (label_set = any ((select visible_label_sets())::integer[]));

alter table register_links enable row level security;
alter table register_links force row level security;
create policy visible_label_sets on register_links for select to amana_reader
  using (label_set = any ((select visible_label_sets())::integer[]));

alter table links enable row level security;
alter table links force row level security;
create policy visible_label_sets on links for select to amana_reader
  using (label_set = any ((select visible_label_sets())::integer[]));

grant select on missing_person_reports, identification_decisions, family_notifications, register_links to amana_reader;
grant select (record_id, record_type, person, label_set) on links to amana_reader;
