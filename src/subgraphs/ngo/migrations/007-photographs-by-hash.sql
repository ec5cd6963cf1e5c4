create index photographs_by_hash on photographs (sha256, sort_key, id);
