-- The facility list by the normal form of every code, name and alias that names one facility only: how filters find a
-- facility. Filled with the list itself.

create table facility_names (
  name_key text primary key,
  code text not null references facilities
);
grant select on facility_names to amana_reader;
