-- A partial date stands as <name>_value ('2014', '2014-03' or '2014-03-05') with its basis, and as the days it spans.

create table death_certificates (
  id text primary key,
  reference text not null unique,
  label_set integer not null default 1 references label_sets,
  labels text[] not null default '{}',
  review_status text not null default 'PRELIMINARY' check (review_status in ('PRELIMINARY', 'UNDER_REVIEW', 'VERIFIED', 'REFUTED', 'SUPERSEDED')),
  sort_key text not null,
  registered_on_value text, registered_on_basis text, registered_on_from date, registered_on_to date,
  disputed boolean not null default false,
  registry_office text,
  name jsonb,
  name_key text,
  mother text,
  born_value text, born_basis text, born_from date, born_to date,
  stated_date_value text, stated_date_basis text, stated_date_from date, stated_date_to date,
  stated_place text references facilities,
  stated_place_as_written text,
  stated_cause text
);
create table custody_transfers (
  id text primary key,
  reference text not null unique,
  label_set integer not null default 1 references label_sets,
  labels text[] not null default '{}',
  review_status text not null default 'PRELIMINARY' check (review_status in ('PRELIMINARY', 'UNDER_REVIEW', 'VERIFIED', 'REFUTED', 'SUPERSEDED')),
  sort_key text not null,
  from_facility text references facilities,
  from_as_written text,
  to_facility text references facilities,
  to_as_written text,
  date_value text, date_basis text, date_from date, date_to date,
  detainee_number text,
  condition_on_arrival text
);

-- Who a record is about, as far as this custodian knows: an edge to the Authority's link id. Its label set holds the
-- link's own labels and the record's, so that one number tells under which grants the edge may be seen.
create table links (
  record_id text primary key,
  record_type text not null check (record_type in ('DeathCertificate', 'CustodyTransfer')),
  person text not null,
  label_set integer not null references label_sets,
  notification text check (notification in ('NOT_DUE', 'PENDING', 'ATTEMPTED', 'DELIVERED', 'DECLINED', 'CONTESTED')),
  source text not null check (source in ('DELIVERY', 'REGISTER'))
);

create index death_certificates_in_order on death_certificates (sort_key, id);
create index death_certificates_by_name on death_certificates (name_key text_pattern_ops, sort_key, id);
create index death_certificates_by_registration on death_certificates (registered_on_from, registered_on_to);
create index custody_transfers_in_order on custody_transfers (sort_key, id);
create index custody_transfers_by_origin on custody_transfers (from_facility, sort_key, id);
create index custody_transfers_by_destination on custody_transfers (to_facility, sort_key, id);
create index custody_transfers_by_number on custody_transfers (detainee_number, sort_key, id);
create index custody_transfers_by_date on custody_transfers (date_from, date_to);
create index links_by_person on links (person, record_type, record_id);
