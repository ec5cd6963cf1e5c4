import type { DeliveredFile, Delivery } from './delivery.ts';
import { DeliveredRow } from './delivered-row.ts';
import { FacilityIndex } from './facility-index.ts';
import {
  DELIMITERS,
  type FileMapping,
  type Mapping,
  asOurs,
  columnName,
  isOmitted,
  translatable,
} from './file-mapping.ts';
import type { FileMappingSettings } from './mapping-schema.ts';

/** What is wrong with a mapping: where, as the keys that lead there, and what. */
export interface MappingFault {
  readonly path: readonly string[];
  readonly sentence: string;
}

/** How a file is delivered of which the settings say what differs; a column that they do not name is called as ours. */
export function mappingOf(ours: DeliveredFile, settings: FileMappingSettings): FileMapping {
  const { file = ours.file, encoding, delimiter, dates, columns = {}, values = {}, constants = {} } = settings;
  const theirs = new Map(Object.entries(columns).map(([column, name]) => [column, columnName(name)]));
  const omitted = (settings.omit ?? []).map(columnName);
  const constant = new Map([
    ...omittedOfOurs(ours, omitted, theirs).map((column) => [column, ''] as const),
    ...Object.entries(constants),
  ]);
  return {
    file,
    ...(encoding !== undefined && { encoding }),
    ...(delimiter !== undefined && { delimiter: DELIMITERS[delimiter] }),
    dates: dates ?? asOurs(ours).dates,
    columns: new Map(
      ours.columns.filter((column) => !constant.has(column)).map((column) => [column, theirs.get(column) ?? column]),
    ),
    values: new Map(
      Object.entries(values).map(([column, words]) => [
        column,
        new Map(Object.entries(words).map(([word, meaning]) => [translatable(word), meaning])),
      ]),
    ),
    constants: constant,
    omitted,
  };
}

/** Which of our columns are omitted under their names of them: every row says nothing there. */
const omittedOfOurs = (
  { columns }: DeliveredFile,
  omitted: readonly string[],
  theirs: ReadonlyMap<string, string>,
): string[] => columns.filter((column) => isOmitted(omitted, theirs.get(column) ?? column));

/** The faults of the settings of one file, beside those of their form. */
export function checkMappedFile(
  ours: DeliveredFile,
  settings: FileMappingSettings,
  mapped: FileMapping,
  latestYear: number,
): MappingFault[] {
  return [
    ...unknownColumns(ours, settings),
    ...columnsTakenTwice(settings, mapped),
    ...contradictions(ours, settings, mapped),
    ...meaningless(ours, settings, mapped, latestYear),
  ];
}

/** The faults of two files of ours that are one file of the delivery, and of one that stands where images are. */
export function checkFileNames(mapping: Mapping, { images }: Delivery): MappingFault[] {
  const names = new Map<string, string>();
  return [...mapping].flatMap(([ours, { file }]) => {
    const earlier = names.get(file);
    names.set(file, ours);
    if (earlier !== undefined) {
      const placed = file === ours ? earlier : ours;
      return [{ path: [placed, 'file'], sentence: `${file} is ${placed === ours ? earlier : ours} already` }];
    }
    return file === images?.folder ? [{ path: [ours, 'file'], sentence: 'that is the folder with the images' }] : [];
  });
}

function unknownColumns(ours: DeliveredFile, { columns, values, constants }: FileMappingSettings): MappingFault[] {
  return Object.entries({ columns, values, constants }).flatMap(([setting, given]) =>
    Object.keys(given ?? {})
      .filter((column) => !ours.columns.includes(column))
      .map((column) => ({
        path: [setting, column],
        sentence: `${ours.file} has no such column; its columns are ${ours.columns.join(', ')}`,
      })),
  );
}

function columnsTakenTwice({ columns = {} }: FileMappingSettings, mapped: FileMapping): MappingFault[] {
  const takers = Map.groupBy(mapped.columns, ([, theirs]) => theirs);
  return [...takers.values()].flatMap((taken) => {
    const ours = taken.map(([column]) => column);
    // The one that is named as ours is called is not in the mapping: the fault stands at the other.
    const [first, ...more] = ours.toSorted((a, b) => Number(a in columns) - Number(b in columns));
    return more.map((column) => ({
      path: ['columns', column],
      sentence: `that column is taken for ${first} already. One column of theirs is one of ours`,
    }));
  });
}

function contradictions(ours: DeliveredFile, settings: FileMappingSettings, mapped: FileMapping): MappingFault[] {
  const { columns = {}, values = {}, constants = {} } = settings;
  const faults: MappingFault[] = Object.keys(constants).flatMap((column) => [
    ...(column in columns ? [{ path: ['constants', column], sentence: 'it is among the columns as well' }] : []),
    ...(column in values ? [{ path: ['values', column], sentence: 'it is among the constants as well' }] : []),
  ]);
  if (ours.linksAs !== undefined && (constants['person'] ?? '') !== '')
    faults.push({ path: ['constants', 'person'], sentence: 'not all rows are about one person' });
  for (const [column, words] of Object.entries(values)) {
    const known = new Map<string, string>();
    for (const word of Object.keys(words)) {
      const earlier = known.get(translatable(word));
      if (earlier !== undefined)
        faults.push({
          path: ['values', column, word],
          sentence: `cells are compared without space, capitals and kinds of digits, so that this is ${earlier} already`,
        });
      known.set(translatable(word), word);
    }
  }
  if (mapped.file.endsWith('.jsonl')) {
    for (const setting of ['encoding', 'delimiter'] as const) {
      if (settings[setting] !== undefined)
        faults.push({
          path: [setting],
          sentence: `${mapped.file} is JSON Lines, which are UTF-8 and have no delimiter`,
        });
    }
  }
  return faults;
}

/** Words that a column cannot take, found out by reading a row that has nothing else. */
function meaningless(
  ours: DeliveredFile,
  { columns = {}, values = {}, constants = {}, omit = [] }: FileMappingSettings,
  { dates }: FileMapping,
  latestYear: number,
): MappingFault[] {
  const theirs = new Map(Object.entries(columns).map(([column, name]) => [column, columnName(name)]));
  const surroundings = {
    ...{ custodian: '', latestYear, facilities: new FacilityIndex([]), references: new Map() },
    mapping: { ...asOurs(ours), dates },
  };
  const faultsOf = (path: readonly string[], column: string, word: string): MappingFault[] => {
    if (!ours.columns.includes(column)) return [];
    const cells = new Map(ours.columns.map((other) => [other, other === column ? word : '']));
    const row = new DeliveredRow(cells, surroundings);
    ours.read(row);
    return row.faults
      .filter((fault) => fault.column === column && !KNOWN_WITH_RECORDS.some((kind) => kind === fault.kind))
      .map(({ sentence }) => ({ path, sentence: sentence.slice(`${column}: `.length) }));
  };
  return [
    ...Object.entries(values).flatMap(([column, words]) =>
      Object.entries(words).flatMap(([word, meaning]) => faultsOf(['values', column, word], column, meaning)),
    ),
    ...Object.entries(constants).flatMap(([column, word]) => faultsOf(['constants', column], column, word)),
    ...omit.flatMap((name, at) =>
      omittedOfOurs(ours, [columnName(name)], theirs)
        .flatMap((column) => faultsOf(['omit', String(at)], column, ''))
        .map((fault) => ({ ...fault, sentence: 'no row can be read without it' })),
    ),
  ];
}

/** What only an import can tell, which knows the facility list and the other rows. */
const KNOWN_WITH_RECORDS = ['UNKNOWN_FACILITY', 'UNKNOWN_REFERENCE', 'CONTRADICTION'] as const;
