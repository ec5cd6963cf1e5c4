-- The links between this custodian's own records and persons that the register has REJECTED or SPLIT: they are no edges,
-- also where the custodian's own delivery states them. Like register_entries, as far as the Authority has told.

create table register_rejections (
  record_reference text not null,
  person text not null,
  primary key (record_reference, person)
);
