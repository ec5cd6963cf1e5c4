import { personEvents } from 'amana/kit';
import { courtFiles } from './court-file.ts';
import { custodyTransfers } from './custody-transfer.ts';
import { deathCertificates } from './death-certificate.ts';
import { detentionOrders } from './detention-order.ts';

const ordered = { of: detentionOrders, edge: 'detentionOrders', relation: { through: 'links' } } as const;
const transferred = { of: custodyTransfers, edge: 'custodyTransfers', relation: { through: 'links' } } as const;
const accused = { of: courtFiles, edge: 'courtFiles', relation: { through: 'links' } } as const;
const certified = { of: deathCertificates, edge: 'deathCertificates', relation: { through: 'links' } } as const;

/** What the Ministry's records tell of a person, date by date. */
export const ministryEvents = personEvents({
  subgraph: 'ministry',
  name: 'MinistryEvent',
  events: [
    { kind: 'DETENTION_ORDERED', ...ordered, at: 'date', facility: 'issuedBy', facilityAsWritten: 'issuedByAsWritten' },
    { kind: 'TRANSFERRED', ...transferred, at: 'date', facility: 'to', facilityAsWritten: 'toAsWritten' },
    { kind: 'COURT_FILE_OPENED', ...accused, at: 'filedOn', facility: 'court', facilityAsWritten: 'courtAsWritten' },
    {
      ...{ kind: 'DEATH_STATED', ...certified, at: 'statedDate' },
      ...{ facility: 'statedPlace', facilityAsWritten: 'statedPlaceAsWritten' },
    },
    { kind: 'DEATH_REGISTERED', ...certified, at: 'registeredOn' },
  ],
});
