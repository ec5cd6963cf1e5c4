import { afterAll, beforeAll } from 'vitest';
import { IDS } from './given-hosts.ts';
import { type GatheredFederation, gatherFrom } from './gathered-federation.ts';
import { type LightHost, startLightHost } from './light-host.ts';

/** One page of a walk. */
export const PAGE = `query ($first: Int, $after: String) {
  photographs(first: $first, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } totalCount }
}`;

/** Hosts without records, and a federation of them, which are there for the tests of one file. */
export interface WalkedFederation {
  readonly hosts: readonly LightHost[];
  readonly federation: GatheredFederation;
}

/** Starts them before the first test, and stops them after the last. */
export function walkedFederation(): () => WalkedFederation {
  let walked: WalkedFederation | undefined;
  beforeAll(async () => {
    const hosts = await Promise.all(IDS.map((id) => startLightHost(id, [])));
    walked = { hosts, federation: await gatherFrom(hosts) };
  });
  afterAll(async () => {
    await walked?.federation.close();
    await Promise.all(walked?.hosts.map((host) => host.close()) ?? []);
  });
  return () => {
    if (!walked) throw new Error('a walk before there is anybody');
    return walked;
  };
}
