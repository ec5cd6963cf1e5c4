-- A partial date stands as <name>_value ('2014', '2014-03' or '2014-03-05') with its basis, and as the days it spans.

create table collections (
  id text primary key,
  reference text not null unique,
  label_set integer not null default 1 references label_sets,
  labels text[] not null default '{}',
  review_status text not null default 'PRELIMINARY' check (review_status in ('PRELIMINARY', 'UNDER_REVIEW', 'VERIFIED', 'REFUTED', 'SUPERSEDED')),
  sort_key text not null,
  title text not null,
  period_start_value text, period_start_basis text, period_start_from date, period_start_to date,
  period_end_value text, period_end_basis text, period_end_from date, period_end_to date,
  medium text
);

-- A body carries the labels of every collection that holds a photograph of it; a body that no photograph shows is
-- treated as COORDINATED, since nobody can tell which collection it came from.
create table depicted_bodies (
  id text primary key,
  reference text not null unique,
  label_set integer not null references label_sets,
  labels text[] not null,
  review_status text not null default 'PRELIMINARY' check (review_status in ('PRELIMINARY', 'UNDER_REVIEW', 'VERIFIED', 'REFUTED', 'SUPERSEDED')),
  sort_key text not null,
  category text not null check (category in ('DETAINEE', 'MILITARY', 'UNKNOWN')),
  facility text references facilities,
  facility_as_written text,
  photographed_on_value text, photographed_on_basis text, photographed_on_from date, photographed_on_to date,
  name_on_ledger text,
  name_key text,
  detainee_number text,
  branch_number text,
  hospital_number text,
  legibility text,
  observations text
);
create table photographs (
  id text primary key,
  reference text not null unique,
  label_set integer not null references label_sets,
  labels text[] not null,
  review_status text not null default 'PRELIMINARY' check (review_status in ('PRELIMINARY', 'UNDER_REVIEW', 'VERIFIED', 'REFUTED', 'SUPERSEDED')),
  sort_key text not null,
  collection text not null references collections,
  body text references depicted_bodies,
  facility text references facilities,
  facility_as_written text,
  captured_on_value text, captured_on_basis text, captured_on_from date, captured_on_to date,
  sha256 text
);

-- Who a record is about, as far as this custodian knows: an edge to the Authority's link id. Its label set holds the
-- link's own labels and the record's, so that one number tells under which grants the edge may be seen.
create table links (
  record_id text primary key,
  record_type text not null check (record_type in ('DepictedBody')),
  person text not null,
  label_set integer not null references label_sets,
  notification text check (notification in ('NOT_DUE', 'PENDING', 'ATTEMPTED', 'DELIVERED', 'DECLINED', 'CONTESTED')),
  source text not null check (source in ('DELIVERY', 'REGISTER'))
);

create index collections_in_order on collections (sort_key, id);
create index depicted_bodies_in_order on depicted_bodies (sort_key, id);
create index depicted_bodies_by_category on depicted_bodies (category, sort_key, id);
create index depicted_bodies_by_facility on depicted_bodies (facility, sort_key, id);
create index depicted_bodies_by_detainee_number on depicted_bodies (detainee_number, sort_key, id);
create index depicted_bodies_by_branch_number on depicted_bodies (branch_number, sort_key, id);
create index depicted_bodies_by_hospital_number on depicted_bodies (hospital_number, sort_key, id);
create index photographs_in_order on photographs (sort_key, id);
create index photographs_by_collection on photographs (collection, sort_key, id);
create index photographs_by_facility on photographs (facility, sort_key, id);
create index photographs_by_body on photographs (body, sort_key, id);
create index links_by_person on links (person, record_type, record_id);
