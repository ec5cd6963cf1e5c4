-- What a custodian asks its own access log: who looked at a record, and when.

create index access_log_by_record on access_log using gin (records);

-- Pages go on where the last one ended, also where two entries were made at the same moment.
drop index access_log_by_time;
create index access_log_by_time on access_log (at, id);
