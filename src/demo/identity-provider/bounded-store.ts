import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider';

const ENTRIES = 10_000;

interface Entry {
  readonly payload: AdapterPayload;
  readonly expiresAt: number;
}

/**
 * Where the provider keeps sessions, interactions, grants and codes: in memory, at most 10,000 of them, the oldest
 * leaving first. Access tokens are JWTs and are not kept.
 */
export function boundedStore(now: () => number): AdapterFactory {
  const entries = new Map<string, Entry>();

  const find = (key: string): AdapterPayload | undefined => {
    const entry = entries.get(key);
    if (entry && entry.expiresAt > now()) return entry.payload;
    entries.delete(key);
    return undefined;
  };

  const findWhere = (kind: string, matches: (payload: AdapterPayload) => boolean): AdapterPayload | undefined => {
    const key = [...entries].find(([name, { payload }]) => name.startsWith(`${kind}:`) && matches(payload))?.[0];
    return key === undefined ? undefined : find(key);
  };

  return (kind): Adapter => ({
    async upsert(id, payload, expiresIn) {
      const key = `${kind}:${id}`;
      entries.delete(key);
      entries.set(key, { payload, expiresAt: expiresIn === undefined ? Infinity : now() + expiresIn * 1000 });
      const [oldest] = entries.keys();
      if (entries.size > ENTRIES && oldest !== undefined) entries.delete(oldest);
    },
    async find(id) {
      return find(`${kind}:${id}`);
    },
    async findByUid(uid) {
      return findWhere(kind, (payload) => payload.uid === uid);
    },
    async findByUserCode(userCode) {
      return findWhere(kind, (payload) => payload.userCode === userCode);
    },
    async consume(id) {
      const payload = find(`${kind}:${id}`);
      if (payload) payload.consumed = Math.floor(now() / 1000);
    },
    async destroy(id) {
      entries.delete(`${kind}:${id}`);
    },
    async revokeByGrantId(grantId) {
      for (const [key, { payload }] of entries) {
        if (key.startsWith(`${kind}:`) && payload.grantId === grantId) entries.delete(key);
      }
    },
  });
}
