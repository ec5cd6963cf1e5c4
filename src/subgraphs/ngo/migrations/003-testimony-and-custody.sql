-- Testimonies, the chain of custody and verifications. Who acted stands in delivered_rows alone, where no reading role
-- gets, and so would a transcript or a witness's identity. No delivery brings verifications yet: whoever writes them must
-- say under which label set they stand.

create table testimonies (
  id text primary key,
  reference text not null unique,
  label_set integer not null references label_sets,
  labels text[] not null,
  review_status text not null default 'PRELIMINARY' check (review_status in ('PRELIMINARY', 'UNDER_REVIEW', 'VERIFIED', 'REFUTED', 'SUPERSEDED')),
  sort_key text not null,
  taken_on_value text, taken_on_basis text, taken_on_from date, taken_on_to date,
  witness_pseudonym text,
  summary text,
  consent text[] not null default '{}'
);

-- An event carries its collection's labels.
create table custody_events (
  id text primary key,
  reference text not null unique,
  label_set integer not null references label_sets,
  labels text[] not null,
  review_status text not null default 'PRELIMINARY' check (review_status in ('PRELIMINARY', 'UNDER_REVIEW', 'VERIFIED', 'REFUTED', 'SUPERSEDED')),
  sort_key text not null,
  collection text not null references collections,
  type text not null check (type in ('RECEIVED', 'COPIED', 'HASHED', 'TRANSFERRED', 'VERIFIED')),
  at_value text, at_basis text, at_from date, at_to date,
  hash_before text,
  hash_after text
);
create table verifications (
  id text primary key,
  reference text not null unique,
  label_set integer not null references label_sets,
  labels text[] not null,
  review_status text not null default 'PRELIMINARY' check (review_status in ('PRELIMINARY', 'UNDER_REVIEW', 'VERIFIED', 'REFUTED', 'SUPERSEDED')),
  sort_key text not null,
  status text,
  method text,
  organisation text
);

alter table links drop constraint links_record_type_check, add constraint links_record_type_check
  check (record_type in ('DepictedBody', 'Testimony'));

create index testimonies_in_order on testimonies (sort_key, id);
create index testimonies_by_date on testimonies (taken_on_from, taken_on_to);
create index testimonies_by_witness on testimonies (witness_pseudonym, sort_key, id);
create index custody_events_in_order on custody_events (sort_key, id);
create index custody_events_by_collection on custody_events (collection, sort_key, id);
create index custody_events_by_type on custody_events (type, sort_key, id);
create index custody_events_by_date on custody_events (at_from, at_to);
create index verifications_in_order on verifications (sort_key, id);
create index verifications_by_status on verifications (status, sort_key, id);
create index verifications_by_organisation on verifications (organisation, sort_key, id);

create index depicted_bodies_by_name on depicted_bodies (name_key text_pattern_ops, sort_key, id);
create index depicted_bodies_by_date on depicted_bodies (photographed_on_from, photographed_on_to);
create index photographs_by_date on photographs (captured_on_from, captured_on_to);
