import { seriesOf } from './bodies.ts';
import { writeDate } from './dates.ts';
import type { GeneratedFile } from './generated-file.ts';
import { writeLatin, writeName } from './names.ts';

const [OF_A_KNOWN_PERSON, IN_ARABIC] = [0.6, 0.6];

/** `ngo-b/photographs.jsonl`: photographs of a ledger, one a line, with names as written there. */
export const ledgerPhotographs: GeneratedFile = {
  custodian: 'ngo-b',
  file: 'photographs.jsonl',
  *rows(archive) {
    for (let nth = 1; nth <= archive.ledgerPhotographs; nth += 1) {
      const draw = archive.draw('ledger', nth);
      const person = archive.withBody(draw.whole(1, archive.size.people));
      const { ism, father, family } = person.name;
      const write = draw.chance(IN_ARABIC) ? writeName : writeLatin;
      yield JSON.stringify({
        id: `b-${nth}`,
        collection: 'hospital ledger 2013-2015',
        facility: person.hospital.nameEn,
        taken: writeDate(person.died, draw),
        numbers: { detainee: person.detaineeNumber, branch: `${seriesOf(person.detainedAt)}/${draw.whole(1, 5_999)}` },
        name: [ism, father, family].map((name) => write(name, draw)).join(' '),
        sha256: draw.hexadecimal(64),
        person: person.isLinked && draw.chance(OF_A_KNOWN_PERSON) ? person.linkId : null,
      });
    }
  },
  faults: { every: 200, kinds: [() => '{"id": "b-broken", "collection": '] },
};
