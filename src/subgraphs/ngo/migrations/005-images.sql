-- The digest of the image attached to a photograph. There is one while it equals the digest that the list gives.
alter table photographs add column image text;

-- Where the original of a photograph lay in the folder delivered. Never served: no reading role has access.
create table photograph_originals (
  id text primary key,
  reference text not null unique,
  label_set integer not null references label_sets,
  labels text[] not null,
  path text
);

-- What may be looked at of a photograph, sealed under the custodian's image key, and the file of the sealed original,
-- which no reading role may know. Ciphertext does not compress, so none is tried.
create table photograph_images (
  record text primary key references photographs,
  digest text not null,
  blurred bytea not null,
  reduced bytea not null,
  original text
);
alter table photograph_images alter column blurred set storage external, alter column reduced set storage external;

alter table photograph_originals enable row level security;
alter table photograph_originals force row level security;
create policy custodian_itself on photograph_originals to current_user using (true) with check (true);

-- An image is visible where its photograph is: the rule of photographs holds within this one. It is asked for one
-- photograph at a time, by key, so looking into the other table costs nothing to speak of.
alter table photograph_images enable row level security;
alter table photograph_images force row level security;
create policy visible_photographs on photograph_images for select to amana_reader
  using (exists (select from photographs where photographs.id = record));
create policy custodian_itself on photograph_images to current_user using (true) with check (true);

grant select (record, digest, blurred, reduced) on photograph_images to amana_reader;
