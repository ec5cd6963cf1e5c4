-- Row rules of testimonies, the chain of custody and verifications, as of all other records: a row is visible only in a session
-- that was given the number of its label set, which says its labels and, with CONSENT_LIMITED, to whom it may be shown.

alter table testimonies enable row level security;
alter table testimonies force row level security;
create policy visible_label_sets on testimonies for select to amana_reader
  using (label_set = any ((select visible_label_sets())::integer[]));
create policy custodian_itself on testimonies to current_user using (true) with check (true);

alter table custody_events enable row level security;
alter table custody_events force row level security;
create policy visible_label_sets on custody_events for select to amana_reader
  using (label_set = any ((select visible_label_sets())::integer[]));
create policy custodian_itself on custody_events to current_user using (true) with check (true);

alter table verifications enable row level security;
alter table verifications force row level security;
create policy visible_label_sets on verifications for select to amana_reader
  using (label_set = any ((select visible_label_sets())::integer[]));
create policy custodian_itself on verifications to current_user using (true) with check (true);

grant select on testimonies, custody_events, verifications to amana_reader;
