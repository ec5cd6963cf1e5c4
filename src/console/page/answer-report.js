/**
 * @typedef {{ path: string[], coordinate: string, custodian: string, requires?: string[][], reason: string, contact: string, partial?: boolean }} Withheld
 * @typedef {{ custodian: string, status: string, records?: number }} Answered
 * @typedef {{ message: string, path?: (string | number)[], extensions?: { code?: string } }} GraphQLError
 * @typedef {{ data?: unknown, errors?: GraphQLError[], extensions?: { withheld?: Withheld[], custodians?: Answered[], requestId?: string } }} Answer
 */

/** @type {Record<string, string>} */
const REASONS = {
  UNAUTHENTICATED: 'you are not signed in',
  NO_GRANT: 'you hold no grant for it',
  PURPOSE: 'your grant is for another purpose',
  EXPIRED: 'your grant has ended',
  POLICY: 'a policy forbids it',
};

/** @type {Record<string, string>} */
const STATUSES = {
  ANSWERED: 'answered',
  UNAVAILABLE: 'was unavailable',
  TIMED_OUT: 'did not answer in time',
  REFUSED: 'refused what was asked of it',
};

/**
 * What an answer leaves out, for people: who answered, what was withheld, by whom, why and whom to ask, and what failed.
 *
 * @param {Answer} answer
 * @returns {HTMLElement[]}
 */
export function reportOn({ errors = [], extensions = {} }) {
  const { withheld = [], custodians = [], requestId } = extensions;
  return [
    ...(errors.length > 0 ? [section('Refused or failed', errors.map(describeError))] : []),
    ...(custodians.length > 0 ? [section('Who answered', custodians.map(describeCustodian))] : []),
    ...[...Map.groupBy(withheld, ({ custodian }) => custodian)].map(describeWithheld),
    ...(custodians.length > 0 && withheld.length === 0 ? [element('p', 'Nothing you asked for was withheld.')] : []),
    ...(requestId ? [element('p', 'Request ', element('code', requestId))] : []),
  ];
}

/** @param {GraphQLError} error */
const describeError = ({ message, path, extensions }) => [
  text(message),
  ...(extensions?.code ? [' ', element('code', extensions.code)] : []),
  ...(path ? [element('div', 'at ', element('code', path.join(' › ')))] : []),
];

/** @param {Answered} answered */
const describeCustodian = ({ custodian, status, records }) => [
  element('strong', text(custodian)),
  `: ${STATUSES[status] ?? status}`,
  ...(status === 'ANSWERED' && records !== undefined ? [`, ${records} ${records === 1 ? 'record' : 'records'}`] : []),
];

/** @param {[string, Withheld[]]} entry */
function describeWithheld([custodian, cuts]) {
  const contacts = [...new Set(cuts.map(({ contact }) => contact))];
  const list = section(
    ['Withheld by ', text(custodian)],
    cuts.map(({ coordinate, path, reason, partial, requires = [] }) => [
      element('code', coordinate),
      `${partial ? ', on some records' : ''}: ${REASONS[reason] ?? reason}`,
      ...(requires.length > 0 ? [element('div', 'needs ', element('code', formatRequirement(requires)))] : []),
      element('div', 'at ', element('code', path.map((step) => (step === '@' ? '*' : step)).join(' › '))),
    ]),
  );
  list.append(element('p', 'Ask ', ...contacts.map((contact) => text(contact))));
  return list;
}

/** @param {string[][]} requires */
const formatRequirement = (requires) => requires.map((all) => all.join(' and ')).join(', or ');

/**
 * @param {string | (Node | string)[]} title
 * @param {(Node | string)[][]} items
 */
function section(title, items) {
  const list = element('ul', ...items.map((item) => element('li', ...item)));
  return element('section', element('h3', ...title), list);
}

/**
 * Text from elsewhere, set apart so that Arabic and Latin do not disturb each other.
 *
 * @param {string} content
 */
function text(content) {
  const isolated = element('bdi', content);
  isolated.dir = 'auto';
  return isolated;
}

/**
 * @param {string} name
 * @param {...(Node | string)} children
 */
function element(name, ...children) {
  const made = document.createElement(name);
  made.append(...children);
  return made;
}
