-- Schemas of this custodian's that may weaken or remove guards which the gateway has in force, by the SHA-256 of their
-- text: the custodian's own word, beside which the gateway's operator has to give his.

create table schema_confirmations (
  digest text primary key check (digest ~ '^[0-9a-f]{64}$'),
  confirmed_by text not null,
  confirmed_at timestamptz not null default now()
);
