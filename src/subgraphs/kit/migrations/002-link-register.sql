-- What the Authority's link register says about this custodian's own records, as far as it has told this custodian: by
-- the last signed export that was imported, or, at the Authority itself, by the register as it stands. The edges in the
-- table links follow from these and from the custodian's delivery. No reading role has access to them.

create table register_entries (
  record_reference text primary key,
  person text not null
);
create table person_notifications (
  person text primary key,
  notification text not null check (notification in ('NOT_DUE', 'PENDING', 'ATTEMPTED', 'DELIVERED', 'DECLINED', 'CONTESTED'))
);

-- Every export that was imported. One that was signed before the last of them is refused.
create table imported_link_exports (
  id bigint primary key generated always as identity,
  issued_at timestamptz not null unique,
  digest text not null,
  links integer not null,
  persons integer not null,
  imported_at timestamptz not null
);
