create index register_links_by_record on register_links (record_reference, sort_key, id);
