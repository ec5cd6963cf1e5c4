import { personEvents } from 'amana/kit';
import { depictedBodies } from './depicted-body.ts';
import { testimonies } from './testimony.ts';

/** What an NGO's records tell of a person, date by date; the photographs of one body are one event. */
export const ngoEvents = personEvents({
  subgraph: 'ngo',
  name: 'NgoEvent',
  events: [
    {
      ...{ kind: 'BODY_PHOTOGRAPHED', of: depictedBodies, edge: 'depictedBodies', relation: { through: 'links' } },
      ...{ at: 'photographedOn', facility: 'facility', facilityAsWritten: 'facilityAsWritten' },
    },
    {
      ...{ kind: 'TESTIMONY_GIVEN', of: testimonies, edge: 'testimonies', relation: { through: 'links' } },
      at: 'takenOn',
    },
  ],
});
