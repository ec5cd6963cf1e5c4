-- To whom the records of a label set with CONSENT_LIMITED may be shown: kinds of recipients, and organisations by their
-- ids, compared as a set. So the one small number on a record says both its hiding labels and its consent. An empty set
-- is no consent, or one that was withdrawn: then no grant opens the record.

alter table label_sets
  add column consent text[] not null default '{}',
  drop constraint label_sets_labels_key,
  add constraint label_sets_are_distinct unique (labels, consent),
  add constraint consent_goes_with_its_label check (consent = '{}' or 'CONSENT_LIMITED' = any (labels));
