-- For those who may see few records of a list, or none: their page is a range of these, not a walk through all the others.
-- They also count records without a look at each.

create index death_certificates_by_label_set on death_certificates (label_set, sort_key, id);
create index custody_transfers_by_label_set on custody_transfers (label_set, sort_key, id);
create index court_files_by_label_set on court_files (label_set, sort_key, id);
