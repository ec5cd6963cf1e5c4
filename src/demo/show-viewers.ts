import { ASKED_ABOUT, type ViewerAnswer } from './ask-viewers.ts';
import { showWithheld } from './show-withheld.ts';
import { padded, wrapped } from './terminal-text.ts';

const [LABEL, CELL] = [22, 19];

/** A line of the comparison: what it is called, and where in the answer it is found; `@` stands for any list position. */
type Row = readonly [label: string, ...paths: string[]];

const OF_A_PERSON: readonly Row[] = [
  ['AUTHORITY: report', 'missingPersonReports.nodes.@.reference', 'missingPersonReports.nodes.@.status'],
  ['  name', 'missingPersonReports.nodes.@.name.asWritten'],
  ['  last seen', 'missingPersonReports.nodes.@.lastSeenOn.value', 'missingPersonReports.nodes.@.lastSeenAt.nameAr'],
  ['  circumstances', 'missingPersonReports.nodes.@.circumstances'],
  ['  decision', 'identificationDecisions.nodes.@.status', 'identificationDecisions.nodes.@.method'],
  ['  notification', 'identificationDecisions.nodes.@.notification.status'],
  ['MINISTRY: certificate', 'deathCertificates.nodes.@.reference'],
  ['  name', 'deathCertificates.nodes.@.name.asWritten'],
  [
    '  stated date, place',
    'deathCertificates.nodes.@.statedDate.value',
    'deathCertificates.nodes.@.statedPlace.nameAr',
  ],
  ['  stated cause', 'deathCertificates.nodes.@.statedCause'],
  ['  transfer', 'custodyTransfers.nodes.@.date.value', 'custodyTransfers.nodes.@.to.nameAr'],
  ['  condition', 'custodyTransfers.nodes.@.conditionOnArrival'],
  ['NGOs: bodies', 'depictedBodies.nodes.@.custodian'],
  ['  reference', 'depictedBodies.nodes.@.reference', 'depictedBodies.nodes.@.numbers.@.value'],
  ['  labels', 'depictedBodies.nodes.@.labels.@'],
  ['  observations', 'depictedBodies.nodes.@.observations'],
  ['  photographs', 'depictedBodies.nodes.@.photographs.totalCount'],
];

/** What two custodians hold, and the gateway gathers. */
const OF_THE_NGOS: readonly Row[] = [
  ['NGOs: bodies', 'depictedBodies.totalCount'],
  ['  of the first two', 'depictedBodies.nodes.@.custodian'],
  ['  collections', 'collections.totalCount'],
  ['  of', 'collections.nodes.@.custodian'],
  ['  titles', 'collections.nodes.@.title', 'collections.nodes.@.labels.@'],
];

const OF_THE_LISTS: readonly Row[] = [
  ['AUTHORITY: reports', 'missingPersonReports.totalCount'],
  ['  of the first two', 'missingPersonReports.nodes.@.status'],
  ['  names', 'missingPersonReports.nodes.@.name.asWritten'],
  ['MINISTRY: deaths', 'deathCertificates.totalCount'],
  ['  of the first two', 'deathCertificates.nodes.@.registeredOn.value'],
  ['  names', 'deathCertificates.nodes.@.name.asWritten'],
  ['  stated causes', 'deathCertificates.nodes.@.statedCause'],
  ...OF_THE_NGOS,
];

/** What each viewer saw, side by side, and what was withheld from whom, by whom and whom to ask: for 100 columns. */
export function showViewers(answers: readonly ViewerAnswer[]): string {
  const { row, compare } = comparing(answers);
  return [
    'One question, asked by four:\n',
    ...row('', ({ viewer }) => viewer.name.en),
    ...row('', ({ viewer }) => viewer.name.ar),
    ...row('works for', ({ viewer }) => viewer.organisation),
    ...row('purpose', ({ purpose }) => purpose),
    ...ASKED_ABOUT.flatMap(({ id, notification }, position) =>
      [heading(`${id}: ${notification}`)].concat(compare(OF_A_PERSON, ['persons', position])),
    ),
    heading('Lists over everybody'),
    ...compare(OF_THE_LISTS, []),
    heading('Who answered, with how many records'),
    ...row('', describeCustodians),
    ...row('it took', ({ milliseconds }) => `${milliseconds.toFixed(0)} ms`),
    ...answers.flatMap(({ viewer, errors }) => errors.map(({ message }) => `! ${viewer.name.en}: ${message}`)),
    heading('What was withheld, by whom, from whom, and whom to ask'),
    ...showWithheld(answers),
    '\n"-" is nothing, or nothing that this viewer may know of: records under a label are silently absent.\n',
  ].join('\n');
}

/** What the NGOs' part of the same question is answered while one of them is switched off. */
export function showWithout(custodian: string, answers: readonly ViewerAnswer[]): string {
  const { row, compare } = comparing(answers);
  return [
    heading(`The same question once more, with ${custodian} switched off`),
    ...row('', ({ viewer }) => viewer.name.en),
    ...compare(OF_THE_NGOS, []),
    ...row('who answered', describeCustodians),
    ...row('not whole', ({ custodians }) => custodians.flatMap(describeIncomplete).join(', ') || '-'),
    '\nThe others answer as before; a count is nothing where one who would be counted has not answered.\n',
  ].join('\n');
}

interface Comparison {
  row(label: string, told: (answer: ViewerAnswer) => string): string[];
  compare(rows: readonly Row[], at: readonly (string | number)[]): string[];
}

function comparing(answers: readonly ViewerAnswer[]): Comparison {
  const row = (label: string, told: (answer: ViewerAnswer) => string): string[] => columns(label, answers.map(told));
  const compare = (rows: readonly Row[], at: readonly (string | number)[]): string[] =>
    rows.flatMap(([label, ...paths]) =>
      row(label, (answer) =>
        cell(
          answer,
          paths.map((path) => at.concat(path.split('.'))),
        ),
      ),
    );
  return { row, compare };
}

const heading = (title: string): string => `\n── ${title} ${'─'.repeat(Math.max(0, 94 - title.length))}`;

function columns(label: string, cells: readonly string[]): string[] {
  const wrappedCells = cells.map((text) => wrapped(text, CELL - 2));
  const height = Math.max(...wrappedCells.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) =>
    [padded(line === 0 ? label : '', LABEL), ...wrappedCells.map((lines) => padded(lines[line] ?? '', CELL))]
      .join('')
      .trimEnd(),
  );
}

/** What a viewer saw in one place: its values, that it was withheld, or nothing. */
function cell({ data, withheld }: ViewerAnswer, paths: readonly (readonly (string | number)[])[]): string {
  const values = paths.flatMap((path) => valuesAt(data, path));
  if (values.length > 0) return values.join(', ');
  const isCut = (path: readonly (string | number)[]) =>
    withheld.some((cut) => cut.path.every((step, index) => covers(step, path[index])));
  return paths.some(isCut) ? 'withheld' : '-';
}

const covers = (cut: string, step: string | number | undefined): boolean =>
  cut === step || (cut === '@' && (step === '@' || typeof step === 'number'));

function valuesAt(value: unknown, [step, ...rest]: readonly (string | number)[]): string[] {
  if (value === null || value === undefined) return [];
  if (step === undefined) return [String(value)];
  if (step === '@') return Array.isArray(value) ? value.flatMap((item) => valuesAt(item, rest)) : [];
  return typeof value === 'object'
    ? valuesAt(Object.entries(value).find(([key]) => key === String(step))?.[1], rest)
    : [];
}

const describeCustodians = ({ custodians }: ViewerAnswer): string =>
  custodians.map(describeCustodian).join(', ') || 'nobody was asked';

const describeIncomplete = ({ custodian, incomplete = [] }: ViewerAnswer['custodians'][number]): string[] =>
  incomplete.map(({ path, reason }) => `${path.join(' ')}: ${reason} (${custodian})`);

function describeCustodian({ custodian, status, records }: ViewerAnswer['custodians'][number]): string {
  return status === 'ANSWERED' ? `${custodian} ${String(records)}` : `${custodian} ${status}`;
}
