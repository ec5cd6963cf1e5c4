import { readFileSync } from 'node:fs';
import { type Document, LineCounter, isMap, isScalar, isSeq, parseDocument, visit } from 'yaml';
import { ConfigurationError } from '../../../protocol/read-configuration.ts';
import { type MappingFault, checkFileNames, checkMappedFile, mappingOf } from './check-mapping.ts';
import type { Delivery } from './delivery.ts';
import { type Mapping, asOurs } from './file-mapping.ts';
import { FileMappingSettings } from './mapping-schema.ts';

/**
 * Reads a mapping file, which says how a custodian's files are called and written, for each of ours: its name, encoding,
 * delimiter, styles of dates, columns, what its words mean, and what every row says. `latestYear` is that of the clock.
 * Throws `ConfigurationError` with every fault and the line on which it stands.
 */
export function readMapping(path: string, delivery: Delivery, latestYear: number): Mapping {
  const { document, lineOf, faults: syntax } = parse(path);
  if (syntax.length > 0) throw inFile(path, syntax);
  const given = new Map(Object.entries(Object(document.toJS())));
  const faults: MappingFault[] = [...given.keys()]
    .filter((name) => !delivery.files.some(({ file }) => file === name))
    .map((name) => {
      const known = delivery.files.map(({ file }) => file).join(', ');
      return { path: [name], sentence: `this custodian has no such file; its files are ${known}` };
    });
  const mapping = new Map(
    delivery.files.map((file) => {
      if (!given.has(file.file)) return [file.file, asOurs(file)] as const;
      const { settings, faults: found } = readSettings(given.get(file.file));
      const mapped = mappingOf(file, settings);
      const all = [...found, ...checkMappedFile(file, settings, mapped, latestYear)];
      faults.push(...all.map(({ path: place, sentence }) => ({ path: [file.file, ...place], sentence })));
      return [file.file, mapped] as const;
    }),
  );
  faults.push(...checkFileNames(mapping, delivery));
  if (faults.length === 0) return mapping;
  const told = faults.map(({ path: place, sentence }) => ({
    line: lineOf(place),
    // A key may hold line breaks, and would be taken for other faults.
    sentence: `${place.join('.') || '(the whole file)'}: ${sentence}`.replace(/\s+/gu, ' '),
  }));
  throw inFile(path, told);
}

interface PlacedFault {
  readonly line: number;
  readonly sentence: string;
}

function inFile(path: string, faults: readonly PlacedFault[]): ConfigurationError {
  const lines = faults.toSorted((a, b) => a.line - b.line).map(({ line, sentence }) => `  line ${line}: ${sentence}`);
  return new ConfigurationError(
    `${path}: ${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}\n${lines.join('\n')}`,
  );
}

/** What can be used of the settings of one file, and what is wrong with the rest. */
function readSettings(given: unknown): { settings: FileMappingSettings; faults: readonly MappingFault[] } {
  const parsed = FileMappingSettings.safeParse(given);
  if (parsed.success) return { settings: parsed.data, faults: [] };
  const faults = parsed.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ path: [...issue.path, key].map(String), sentence: 'there is no such setting' }))
      : [{ path: issue.path.map(String), sentence: issue.message }],
  );
  const rest = FileMappingSettings.safeParse(without(faults, given));
  return { settings: rest.success ? rest.data : {}, faults };
}

/** Settings without those that have faults, and of those with an entry for each column only without that entry. */
function without(faults: readonly MappingFault[], given: unknown): unknown {
  const usable = Object.entries(Object(given)).flatMap(([setting, value]: [string, unknown]) => {
    const inside = faults.filter(({ path: [faulty] }) => faulty === setting).map(({ path: [, entry] }) => entry);
    if (inside.length === 0) return [[setting, value]];
    if (inside.includes(undefined) || Array.isArray(value)) return [];
    return [[setting, Object.fromEntries(Object.entries(Object(value)).filter(([entry]) => !inside.includes(entry)))]];
  });
  return Object.fromEntries(usable);
}

interface ParsedMapping {
  readonly document: Document;
  /** The line on which a setting stands, or as much of its path as is there. */
  readonly lineOf: (path: readonly string[]) => number;
  readonly faults: readonly PlacedFault[];
}

function parse(path: string): ParsedMapping {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new ConfigurationError(`${path}: cannot be read. Name a mapping file with --mapping.`, { cause });
  }
  const lines = new LineCounter();
  // Without types of YAML's own every word stays as it is written: no, 007, 1.10.
  const document = parseDocument(text, { lineCounter: lines, schema: 'failsafe', prettyErrors: false });
  const faults = document.errors.map(({ pos: [at], message }) => ({ line: lines.linePos(at).line, sentence: message }));
  visit(document, {
    Alias: (_, { range }) => {
      faults.push({ line: lines.linePos(range?.[0] ?? 0).line, sentence: 'an alias cannot be used here' });
    },
  });
  const isUsable = document.contents === null || isMap(document.contents);
  if (!isUsable) faults.push({ line: 1, sentence: 'it must name files, each with its settings' });
  return { document, faults, lineOf: (place) => lines.linePos(offsetOf(document, place)).line };
}

function offsetOf(document: Document, path: readonly string[]): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const step of path) {
    if (isSeq(node)) {
      node = node.items[Number(step)];
      if (isScalar(node)) offset = node.range?.[0] ?? offset;
    } else {
      const pair = isMap(node) ? node.items.find(({ key }) => isScalar(key) && key.value === step) : undefined;
      if (!pair) return offset;
      if (isScalar(pair.key)) offset = pair.key.range?.[0] ?? offset;
      node = pair.value;
    }
  }
  return offset;
}
