-- Court files, detention orders and prosecutions. No delivery brings orders and prosecutions yet: whoever writes them
-- must say under which label set they stand.

create table court_files (
  id text primary key,
  reference text not null unique,
  label_set integer not null references label_sets,
  labels text[] not null,
  review_status text not null default 'PRELIMINARY' check (review_status in ('PRELIMINARY', 'UNDER_REVIEW', 'VERIFIED', 'REFUTED', 'SUPERSEDED')),
  sort_key text not null,
  court text references facilities,
  court_as_written text,
  filed_on_value text, filed_on_basis text, filed_on_from date, filed_on_to date,
  status text,
  accused jsonb,
  name_key text,
  charge text,
  verdict text,
  sentence text
);
create table detention_orders (
  id text primary key,
  reference text not null unique,
  label_set integer not null references label_sets,
  labels text[] not null,
  review_status text not null default 'PRELIMINARY' check (review_status in ('PRELIMINARY', 'UNDER_REVIEW', 'VERIFIED', 'REFUTED', 'SUPERSEDED')),
  sort_key text not null,
  issued_by text references facilities,
  issued_by_as_written text,
  date_value text, date_basis text, date_from date, date_to date,
  subject jsonb,
  name_key text,
  legal_basis text
);
create table prosecutions (
  id text primary key,
  reference text not null unique,
  label_set integer not null references label_sets,
  labels text[] not null,
  review_status text not null default 'PRELIMINARY' check (review_status in ('PRELIMINARY', 'UNDER_REVIEW', 'VERIFIED', 'REFUTED', 'SUPERSEDED')),
  sort_key text not null,
  status text,
  jurisdiction text,
  accused jsonb,
  name_key text
);

alter table links drop constraint links_record_type_check, add constraint links_record_type_check
  check (record_type in ('DeathCertificate', 'CustodyTransfer', 'CourtFile', 'DetentionOrder'));

create index court_files_in_order on court_files (sort_key, id);
create index court_files_by_court on court_files (court, sort_key, id);
create index court_files_by_status on court_files (status, sort_key, id);
create index court_files_by_name on court_files (name_key text_pattern_ops, sort_key, id);
create index court_files_by_date on court_files (filed_on_from, filed_on_to);
create index detention_orders_in_order on detention_orders (sort_key, id);
create index detention_orders_by_facility on detention_orders (issued_by, sort_key, id);
create index detention_orders_by_name on detention_orders (name_key text_pattern_ops, sort_key, id);
create index detention_orders_by_date on detention_orders (date_from, date_to);
create index prosecutions_in_order on prosecutions (sort_key, id);
create index prosecutions_by_status on prosecutions (status, sort_key, id);
create index prosecutions_by_jurisdiction on prosecutions (jurisdiction, sort_key, id);
create index prosecutions_by_name on prosecutions (name_key text_pattern_ops, sort_key, id);

create index death_certificates_by_place on death_certificates (stated_place, sort_key, id);
create index death_certificates_by_stated_date on death_certificates (stated_date_from, stated_date_to);
create index death_certificates_by_birth on death_certificates (born_from, born_to);
