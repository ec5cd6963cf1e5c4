-- The link id that a delivered row names, as understood: what its column is called and how it is written is the
-- organisation's own, and a mapping file says.

alter table delivered_rows add column person text;
update delivered_rows set person = substring(written ->> 'person' from 'psn_[0-9a-f]{20}');
