-- Row rules of court files, detention orders and prosecutions, as of all other records: a row is visible only in a session
-- that was given the number of its label set, which says its labels and, with CONSENT_LIMITED, to whom it may be shown.

alter table court_files enable row level security;
alter table court_files force row level security;
create policy visible_label_sets on court_files for select to amana_reader
  using (label_set = any ((select visible_label_sets())::integer[]));
create policy custodian_itself on court_files to current_user using (true) with check (true);

alter table detention_orders enable row level security;
alter table detention_orders force row level security;
create policy visible_label_sets on detention_orders for select to amana_reader
  using (label_set = any ((select visible_label_sets())::integer[]));
create policy custodian_itself on detention_orders to current_user using (true) with check (true);

alter table prosecutions enable row level security;
alter table prosecutions force row level security;
create policy visible_label_sets on prosecutions for select to amana_reader
  using (label_set = any ((select visible_label_sets())::integer[]));
create policy custodian_itself on prosecutions to current_user using (true) with check (true);

grant select on court_files, detention_orders, prosecutions to amana_reader;
