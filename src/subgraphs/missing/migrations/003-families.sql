-- Relatives, ante-mortem data and DNA references. A relative's telephone and preferred channel stand in delivered_rows
-- alone, where no reading role gets, and so would a DNA profile. No delivery brings DNA references yet: whoever writes
-- them must say under which label set they stand.

create table relatives (
  id text primary key,
  reference text not null unique,
  label_set integer not null references label_sets,
  labels text[] not null,
  review_status text not null default 'PRELIMINARY' check (review_status in ('PRELIMINARY', 'UNDER_REVIEW', 'VERIFIED', 'REFUTED', 'SUPERSEDED')),
  sort_key text not null,
  report text not null references missing_person_reports,
  kinship text not null,
  name jsonb,
  name_key text,
  wants_news boolean,
  wants_images boolean,
  consent text[] not null default '{}'
);
create table ante_mortem_data (
  id text primary key,
  reference text not null unique,
  label_set integer not null references label_sets,
  labels text[] not null,
  review_status text not null default 'PRELIMINARY' check (review_status in ('PRELIMINARY', 'UNDER_REVIEW', 'VERIFIED', 'REFUTED', 'SUPERSEDED')),
  sort_key text not null,
  report text not null unique references missing_person_reports,
  height_cm integer,
  height_as_written text,
  dental text,
  medical text,
  marks text,
  clothing text
);
create table dna_references (
  id text primary key,
  reference text not null unique,
  label_set integer not null references label_sets,
  labels text[] not null,
  review_status text not null default 'PRELIMINARY' check (review_status in ('PRELIMINARY', 'UNDER_REVIEW', 'VERIFIED', 'REFUTED', 'SUPERSEDED')),
  sort_key text not null,
  report text not null references missing_person_reports,
  sample_status text not null
);

create index relatives_in_order on relatives (sort_key, id);
create index relatives_by_report on relatives (report, sort_key, id);
create index relatives_by_kinship on relatives (kinship, sort_key, id);
create index relatives_by_name on relatives (name_key text_pattern_ops, sort_key, id);
create index ante_mortem_data_in_order on ante_mortem_data (sort_key, id);
create index ante_mortem_data_by_height on ante_mortem_data (height_cm, sort_key, id);
create index dna_references_in_order on dna_references (sort_key, id);
create index dna_references_by_report on dna_references (report, sort_key, id);
create index dna_references_by_status on dna_references (sample_status, sort_key, id);

create index missing_person_reports_by_place on missing_person_reports (last_seen_at, sort_key, id);
create index missing_person_reports_by_last_seen on missing_person_reports (last_seen_on_from, last_seen_on_to);
create index missing_person_reports_by_birth on missing_person_reports (birth_date_from, birth_date_to);
create index missing_person_reports_by_report_date on missing_person_reports (reported_on_from, reported_on_to);
create index identification_decisions_by_date on identification_decisions (decided_on_from, decided_on_to);
create index register_links_by_date on register_links (decided_on_from, decided_on_to);
