-- A partial date stands as <name>_value ('2014', '2014-03' or '2014-03-05') with its basis, and as the days it spans.

create table missing_person_reports (
  id text primary key,
  reference text not null unique,
  label_set integer not null default 1 references label_sets,
  labels text[] not null default '{}',
  review_status text not null default 'PRELIMINARY' check (review_status in ('PRELIMINARY', 'UNDER_REVIEW', 'VERIFIED', 'REFUTED', 'SUPERSEDED')),
  sort_key text not null,
  status text not null,
  governorate text references governorates,
  reported_on_value text, reported_on_basis text, reported_on_from date, reported_on_to date,
  name jsonb,
  name_key text,
  birth_date_value text, birth_date_basis text, birth_date_from date, birth_date_to date,
  birth_place text,
  last_seen_on_value text, last_seen_on_basis text, last_seen_on_from date, last_seen_on_to date,
  last_seen_at text references facilities,
  last_seen_at_as_written text,
  circumstances text
);
create table identification_decisions (
  id text primary key,
  reference text not null unique,
  label_set integer not null references label_sets,
  labels text[] not null,
  review_status text not null default 'PRELIMINARY' check (review_status in ('PRELIMINARY', 'UNDER_REVIEW', 'VERIFIED', 'REFUTED', 'SUPERSEDED')),
  sort_key text not null,
  person text not null,
  method text not null,
  decided_on_value text, decided_on_basis text, decided_on_from date, decided_on_to date,
  status text not null check (status in ('HYPOTHESIS', 'PROBABLE', 'CONFIRMED', 'REVOKED'))
);
create table family_notifications (
  id text primary key,
  reference text not null unique,
  label_set integer not null references label_sets,
  labels text[] not null,
  review_status text not null default 'PRELIMINARY' check (review_status in ('PRELIMINARY', 'UNDER_REVIEW', 'VERIFIED', 'REFUTED', 'SUPERSEDED')),
  sort_key text not null,
  person text not null,
  status text not null check (status in ('NOT_DUE', 'PENDING', 'ATTEMPTED', 'DELIVERED', 'DECLINED', 'CONTESTED')),
  support_offered boolean
);

-- The link register. reference is '<custodian>/<record reference>/<person>'.
create table register_links (
  id text primary key,
  reference text not null unique,
  label_set integer not null references label_sets,
  labels text[] not null,
  review_status text not null default 'PRELIMINARY' check (review_status in ('PRELIMINARY', 'UNDER_REVIEW', 'VERIFIED', 'REFUTED', 'SUPERSEDED')),
  sort_key text not null,
  person text not null,
  linked_custodian text not null,
  record_reference text not null,
  confidence double precision,
  basis text,
  decided_on_value text, decided_on_basis text, decided_on_from date, decided_on_to date,
  state text not null check (state in ('CANDIDATE', 'CONFIRMED', 'REJECTED', 'SPLIT'))
);

-- Who a record of this custodian is about: an edge to the link id. Its label set holds the link's own labels and the
-- record's, so that one number tells under which grants the edge may be seen.
create table links (
  record_id text primary key,
  record_type text not null check (record_type in ('MissingPersonReport')),
  person text not null,
  label_set integer not null references label_sets,
  notification text check (notification in ('NOT_DUE', 'PENDING', 'ATTEMPTED', 'DELIVERED', 'DECLINED', 'CONTESTED')),
  source text not null check (source in ('DELIVERY', 'REGISTER'))
);

create index missing_person_reports_in_order on missing_person_reports (sort_key, id);
create index missing_person_reports_by_status on missing_person_reports (status, sort_key, id);
create index missing_person_reports_by_governorate on missing_person_reports (governorate, sort_key, id);
create index missing_person_reports_by_name on missing_person_reports (name_key text_pattern_ops, sort_key, id);
create index identification_decisions_in_order on identification_decisions (sort_key, id);
create index identification_decisions_by_person on identification_decisions (person, sort_key, id);
create index identification_decisions_by_status on identification_decisions (status, sort_key, id);
create index family_notifications_in_order on family_notifications (sort_key, id);
create index family_notifications_by_person on family_notifications (person, sort_key, id);
create index family_notifications_by_status on family_notifications (status, sort_key, id);
create index register_links_in_order on register_links (sort_key, id);
create index register_links_by_person on register_links (person, sort_key, id);
create index register_links_by_custodian on register_links (linked_custodian, sort_key, id);
create index register_links_by_state on register_links (state, sort_key, id);
create index links_by_person on links (person, record_type, record_id);
