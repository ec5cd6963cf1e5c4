-- Row rules of relatives, ante-mortem data and DNA references, as of all other records: a row is visible only in a session
-- that was given the number of its label set, which says its labels and, with CONSENT_LIMITED, to whom it may be shown.

alter table relatives enable row level security;
alter table relatives force row level security;
create policy visible_label_sets on relatives for select to amana_reader
  using (label_set = any ((select visible_label_sets())::integer[]));
create policy custodian_itself on relatives to current_user using (true) with check (true);

alter table ante_mortem_data enable row level security;
alter table ante_mortem_data force row level security;
create policy visible_label_sets on ante_mortem_data for select to amana_reader
  using (label_set = any ((select visible_label_sets())::integer[]));
create policy custodian_itself on ante_mortem_data to current_user using (true) with check (true);

alter table dna_references enable row level security;
alter table dna_references force row level security;
create policy visible_label_sets on dna_references for select to amana_reader
  using (label_set = any ((select visible_label_sets())::integer[]));
create policy custodian_itself on dna_references to current_user using (true) with check (true);

grant select on relatives, ante_mortem_data, dna_references to amana_reader;
