-- For those who may see few records of a list, or none: their page is a range of these, not a walk through all the others.
-- They also count records without a look at each.

create index depicted_bodies_by_label_set on depicted_bodies (label_set, sort_key, id);
create index photographs_by_label_set on photographs (label_set, sort_key, id);
create index testimonies_by_label_set on testimonies (label_set, sort_key, id);
