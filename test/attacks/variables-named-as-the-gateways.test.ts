import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type GatheredFederation, gatherFrom } from '../gather/gathered-federation.ts';
import { type LightHost, startLightHost } from '../gather/light-host.ts';

let hosts: LightHost[];
let federation: GatheredFederation;
beforeAll(async () => {
  hosts = await Promise.all(
    ['a', 'b'].map((id) =>
      startLightHost(id, [{ id: `${id}:1`, sortKey: '2001', place: 'x', finding: 'm', person: 'reg:1' }]),
    ),
  );
  federation = await gatherFrom(hosts);
});
beforeEach(() => hosts.forEach(({ asked }) => asked.splice(0)));
afterAll(async () => {
  await federation.close();
  await Promise.all(hosts.map((host) => host.close()));
});

const OWN = ['__g_ids', '__g_', '__g_first_011photographs', '__g_after_011photographs', '__as_ids', '__proto', '__'];

describe('a variable that has a name such as the gateway gives its own', () => {
  test.each(OWN)('hands no host the ids of another: %s', async (name) => {
    const { data, errors } = await federation.ask(
      `query ($${name}: [ID!]) { photographs(first: 5) { nodes { id isAmong(ids: $${name}) } } }`,
      { variables: { [name]: ['a:1', 'b:2'] } },
    );
    expect(errors).toEqual([]);
    expect(data.photographs.nodes).toEqual([
      { id: 'a:1', isAmong: true },
      { id: 'b:1', isAmong: false },
    ]);
    expect(hosts.map(({ asked }) => JSON.stringify(asked).includes('a:1'))).toEqual([true, false]);
    expect(hosts.map(({ asked }) => JSON.stringify(asked).includes('b:2'))).toEqual([false, true]);
  });

  test('is none of two others that are named alike', async () => {
    const [first, second, third] = ['__g', '__g_', 'own___g'];
    const { data, errors } = await federation.ask(
      `query ($${first}: ID, $${second}: ID, $${third}: ID) {
        photographs(first: 5) {
          nodes { first: isAmong(but: $${first}) second: isAmong(but: $${second}) third: isAmong(but: $${third}) }
        }
      }`,
      { variables: { [first]: 'a:1', [second]: 'b:1', [third]: 'nobody:1' } },
    );
    expect(errors).toEqual([]);
    expect(data.photographs.nodes).toEqual([
      { first: false, second: true, third: true },
      { first: true, second: false, third: true },
    ]);
  });
});
