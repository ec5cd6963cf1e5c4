import fc from 'fast-check';
import { parse, validate } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ARCHIVE, ORDERED_ARCHIVE } from './archive-schema.ts';
import { notTheirs } from './asked-of-hosts.ts';
import { type GivenHost, Hosts, IDS, lacksOf, saysOf, setHosts } from './given-hosts.ts';
import { API_SCHEMA, type GatheredAnswered, type GatheredFederation, gatherFrom } from './gathered-federation.ts';
import { LONGEST, UNHURRIED, holds } from './holds.ts';
import { type LightHost, startLightHost } from './light-host.ts';
import { type Needs, neededScopes } from './needed-scopes.ts';
import { patternOf } from './one-answer.ts';
import { askOneHost } from './one-host.ts';
import { type RandomQuestion, randomQuestion } from './random-question.ts';

/** Hosts under one contract. */
interface Archives {
  readonly needs: Needs;
  readonly federation: GatheredFederation;
}

let hosts: LightHost[];
let archives: Readonly<Record<string, Archives>>;

beforeAll(async () => {
  hosts = await Promise.all(IDS.map((id) => startLightHost(id, [])));
  const under = async (contract: string): Promise<Archives> => ({
    needs: neededScopes(contract),
    federation: await gatherFrom(hosts, contract),
  });
  archives = { ARCHIVE: await under(ARCHIVE), ORDERED_ARCHIVE: await under(ORDERED_ARCHIVE) };
});

/** Under which of the contracts. */
const Contract = fc.constantFrom('ARCHIVE', 'ORDERED_ARCHIVE');

function archivesOf(contract: string, present: readonly LightHost[]): Archives {
  const one = archives[contract];
  if (!one) throw new Error('no such contract');
  one.federation.hosts.splice(0, Infinity, ...present);
  return one;
}

afterAll(async () => {
  await Promise.all(Object.values(archives).map(({ federation }) => federation.close()));
  await Promise.all(hosts.map((host) => host.close()));
});

const Question = fc
  .noBias(fc.array(fc.nat(10_000), { maxLength: 400, size: 'max' }))
  .map((numbers) => randomQuestion(API_SCHEMA, numbers))
  .filter(({ text }) => validate(API_SCHEMA, parse(text)).length === 0);

/** Answers may be held against each other once every cursor is the same. */
const withoutCursors = (data: unknown): unknown =>
  JSON.parse(
    JSON.stringify(data, (_, value: unknown) =>
      typeof value === 'string' && /^(?:[\w-]{60,}$|\{"after")/u.test(value) ? 'CURSOR' : value,
    ),
  );

const errorsOf = ({ errors }: GatheredAnswered): Set<string> =>
  new Set(errors.map(({ path, code }) => `${patternOf((path ?? []) as (string | number)[])} ${String(code)}`));

const incompleteOf = ({ custodians }: GatheredAnswered): Set<string> =>
  new Set(
    custodians.flatMap(({ custodian, incomplete = [] }) =>
      incomplete.map(({ path, reason, coordinate = '' }) =>
        `${custodian} ${path.join('.')} ${reason} ${coordinate}`.trimEnd(),
      ),
    ),
  );

/** Where an error stands in the place of a number, it need not be said that the number is not known. */
const unlessFailed = (incomplete: ReadonlySet<string>, errors: ReadonlySet<string>): string[] =>
  [...incomplete]
    .filter((entry) => {
      const [, pattern, reason] = entry.split(' ');
      return reason !== 'NOT_COUNTED' || ![...errors].some((error) => error.startsWith(`${pattern} `));
    })
    .toSorted();

/** Where the list that is walked through ended on a page; what it was asked by where there is no such page. */
function endOf(data: unknown, path: readonly (string | number)[], before: unknown): unknown {
  let at = data;
  for (const key of [...path, 'pageInfo', 'endCursor']) at = (at as Record<string, unknown> | null)?.[key];
  return at ?? before;
}

/** The scopes that an operation needs to be taken at all are granted by one host at least. */
const mayBeAsked = (needs: Needs, { text }: RandomQuestion, given: readonly GivenHost[]): boolean =>
  ['place', 'finding', 'id'].every(
    (field) =>
      !new RegExp(`\\{[^{}]* ${field}: ["\\[]`, 'u').test(text) ||
      given.some(({ scopes }) => needs(`Photograph.${field}`).every((need) => scopes?.includes(need))),
  );

test(
  'Whatever is asked of any hosts, page by page while some fail and return, is answered as one host that holds all their records would',
  async () => {
    await holds([Hosts, Question, Contract], async (given, question, contract) => {
      const { federation, needs } = archivesOf(contract, hosts.slice(0, given.length));
      const variables: Record<string, unknown> = { no: false };
      const ofOne: Record<string, unknown> = { no: false };
      for (const step of [0, 1, 2, 3].slice(0, question.walked.length > 0 ? 4 : 1)) {
        setHosts(hosts, given, step);
        const asked = federation.ask(question.text, {
          says: saysOf(given),
          lacks: lacksOf(given),
          variables,
          deadline: UNHURRIED,
        });
        const answer = await asked.catch((refusal: { code?: string }) => {
          if (refusal.code !== 'FILTER_WITHHELD') throw refusal;
        });
        if (!answer) {
          expect(mayBeAsked(needs, question, given)).toBe(false);
          return;
        }
        const asking = { schema: API_SCHEMA, needs, query: question.text, variables: ofOne };
        const one = await askOneHost(asking, given, step);
        expect(withoutCursors(answer.data), question.text).toEqual(withoutCursors(one.data));
        expect(errorsOf(answer), question.text).toEqual(one.errors);
        expect(unlessFailed(incompleteOf(answer), one.errors), question.text).toEqual(
          unlessFailed(one.told.incomplete, one.errors),
        );
        for (const { custodian, status, records, incomplete = [] } of answer.custodians) {
          if (custodian === 'registry') continue;
          expect(records, `${custodian} in ${question.text}`).toBe(one.told.records.get(custodian) ?? 0);
          if (one.told.failed.has(custodian)) expect([status === 'ANSWERED', incomplete.length]).not.toEqual([true, 0]);
        }
        for (const { path, variable } of question.walked) {
          variables[variable] = endOf(answer.data, path, variables[variable]);
          ofOne[variable] = endOf(one.data, path, ofOne[variable]);
        }
      }
    });
  },
  LONGEST,
);

/** What a host withholds of a question, and whether all of that is told: not where a filter alone has it refused. */
async function withheldBy(federation: GatheredFederation, given: readonly GivenHost[], { text }: RandomQuestion) {
  const asked = federation.ask(text, {
    says: saysOf(given),
    lacks: lacksOf(given),
    variables: { no: false },
    deadline: UNHURRIED,
  });
  const { withheld, isRefused } = await asked.then(
    (answer) => ({ withheld: answer.withheld, isRefused: false }),
    (refusal: Partial<GatheredAnswered>) => ({ withheld: refusal.withheld ?? [], isRefused: true }),
  );
  return { told: withheld.map((entry) => JSON.stringify(entry)).toSorted(), isRefused };
}

test(
  'Whatever is asked, each host is asked for what it grants alone, by ids of its own, and withholds what it would withhold were it the only one',
  async () => {
    await holds([Hosts, Question, Contract], async (given, question, contract) => {
      const { federation, needs } = archivesOf(contract, hosts.slice(0, given.length));
      setHosts(hosts, given, 0);
      const all = await withheldBy(federation, given, question);
      const present = given.map(({ id }) => id);
      for (const [at, host] of given.entries())
        for (const asked of hosts[at]?.asked ?? [])
          expect(notTheirs(needs, host, present, asked), asked.query).toEqual([]);
      if (all.isRefused) return;
      for (const [at, host] of given.entries()) {
        federation.hosts.splice(0, Infinity, ...hosts.slice(at, at + 1));
        const alone = await withheldBy(federation, [host], question);
        const told = all.told.filter((entry) => entry.includes(`"custodian":"${host.id}"`));
        expect(alone.isRefused ? told : alone.told, question.text).toEqual(
          alone.isRefused ? expect.arrayContaining(alone.told) : told,
        );
      }
    });
  },
  LONGEST,
);
