import { expect, it } from 'vitest';
import sharp from 'sharp';
import { ask, federation } from './harness.ts';

const IMAGES = '{ photographs(first: 200) { nodes { id labels image { url expiresAt variant contentType } } } }';

interface Photograph {
  readonly id: string;
  readonly image: { readonly url: string; readonly variant: string; readonly contentType: string } | null;
}

async function images(as: string, purpose: string): Promise<Photograph[]> {
  const { data } = await ask(IMAGES, { as, purpose });
  return data.photographs.nodes.filter(({ image }: Photograph) => image !== null);
}

it.each([
  ['archivist-a', 'IDENTIFICATION', 'REDUCED', 640],
  ['ministry-officer', 'CRIMINAL_INVESTIGATION', 'BLURRED', 200],
] as const)(
  '%s fetches what a grant gives of an image from the custodian, past the gateway',
  async (as, purpose, variant, width) => {
    const [first] = await images(as, purpose);
    expect(first?.image).toMatchObject({ variant, contentType: 'image/jpeg' });
    const url = String(first?.image?.url);
    expect(url.startsWith(`${federation.custodians['ngo-a']}/media/`)).toBe(true);
    const response = await fetch(url);
    expect(response.headers.get('content-type')).toBe('image/jpeg');
    expect(await sharp(Buffer.from(await response.arrayBuffer())).metadata()).toMatchObject({ format: 'jpeg', width });
    const { pathname } = new URL(url);
    expect((await fetch(`${federation.gateway}${pathname}`)).status).toBe(404);
  },
);

it('says what scope an image needs to whom it is withheld', async () => {
  const { data, withheld } = await ask(IMAGES, { as: 'analyst' });
  expect(data.photographs.nodes.every(({ image }: Photograph) => image === null)).toBe(true);
  expect(withheld).toMatchObject([
    { coordinate: 'Photograph.image', custodian: 'ngo-a', requires: [['ngo:imagery']], reason: 'NO_GRANT' },
  ]);
});
