-- For those who may see few records of a list, or none: their page is a range of these, not a walk through all the others.
-- They also count records without a look at each.

create index missing_person_reports_by_label_set on missing_person_reports (label_set, sort_key, id);
create index relatives_by_label_set on relatives (label_set, sort_key, id);
create index ante_mortem_data_by_label_set on ante_mortem_data (label_set, sort_key, id);
create index identification_decisions_by_label_set on identification_decisions (label_set, sort_key, id);
create index family_notifications_by_label_set on family_notifications (label_set, sort_key, id);
create index register_links_by_label_set on register_links (label_set, sort_key, id);
