import { isDeepStrictEqual } from 'node:util';

/** Which settings differ between two configurations, by their paths (`listen.port`), a list counting as one setting. */
export interface ChangedSettings {
  /** Those that may change while the program runs. */
  readonly taken: string[];
  /** Those for which it has to be started anew. */
  readonly refused: string[];
}

/**
 * Compares the settings that a program runs with to those that its file holds now. `safe` names what may change while it
 * runs: a setting by its path, or a group by the path of the group.
 */
export function changedSettings(before: object, after: object, safe: readonly string[]): ChangedSettings {
  const [old, fresh] = [settingsOf(before), settingsOf(after)];
  const paths = [...new Set([...old.keys(), ...fresh.keys()])].filter(
    (path) => !isDeepStrictEqual(old.get(path), fresh.get(path)),
  );
  const isSafe = (path: string): boolean => safe.some((name) => path === name || path.startsWith(`${name}.`));
  return { taken: paths.filter(isSafe), refused: paths.filter((path) => !isSafe(path)) };
}

/** Each setting's value by its path. */
function settingsOf(value: unknown, path = ''): Map<string, unknown> {
  const isGroup = typeof value === 'object' && value !== null && !Array.isArray(value);
  const members = isGroup ? Object.entries(value) : [];
  if (members.length === 0) return new Map([[path, value]]);
  return new Map(members.flatMap(([name, member]) => [...settingsOf(member, path === '' ? name : `${path}.${name}`)]));
}
