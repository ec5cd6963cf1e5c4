import { NOTHING } from '../compose/demand.ts';
import type { FieldNeed, SupergraphSnapshot } from '../compose/supergraph-snapshot.ts';
import type { Federation } from '../federation.ts';
import type { AskedField } from '../resolve/expand-selections.ts';
import type { Withheld, WithheldReport } from '../withheld.ts';
import type { UnaskedField } from './authorize-operation.ts';
import type { CustodianPart } from './custodian-part.ts';
import { pageDemand } from './page-demand.ts';
import type { RewritingHost } from './rewrite-operation.ts';
import { stricterTypes } from './stricter-types.ts';
import { withheldBy } from './subgraph-access.ts';
import type { SubgraphParts } from './subgraph-parts.ts';

/** What the rewritings of one operation have found. */
export interface Findings {
  readonly withheld: WithheldReport;
  readonly refusedFilters: WithheldReport;
  readonly unasked: UnaskedField[];
  readonly unfilled: Withheld[];
}

/** What a rewriting follows from beside the access of custodians. */
type RewritingFederation = Pick<Federation, 'snapshot' | 'gathered'>;

/** Cuts down to what custodians let the viewer have; of a subgraph with several hosts, to what one of them does. */
export function wholeRewriting(
  { snapshot, gathered }: RewritingFederation,
  parts: SubgraphParts,
  found: Findings,
): RewritingHost {
  const reports = reporting(snapshot, (subgraph) => parts.whereAlike(subgraph), found);
  return {
    ...reports,
    decide: (need) => parts.decide(need),
    pageDemand: (field, subgraph) => pageDemand(snapshot, gathered.get(subgraph), subgraph, field),
    isByGrants: (subgraph) => parts.of(subgraph).some(({ isByGrants }) => isByGrants),
    withheld: (field, need) => {
      if (parts.of(need.subgraph).length === 0)
        report(snapshot, found, field, {
          path: field.path,
          coordinate: coordinateOf(field),
          requires: need.requirement,
          reason: 'NO_GRANT',
        });
      reports.withheld(field, need);
    },
    unasked: (field, need) => {
      reports.unasked(field, need);
      const access = parts.of(need.subgraph).find((part) => part.decide(need) === 'unasked')?.access;
      if (access && access.status !== 'ANSWERED') found.unasked.push({ path: field.path, code: access.code });
    },
    filterWithheld: (field, need, guards) => {
      for (const entry of filterEntries(snapshot, parts.of(need.subgraph), field, need, guards))
        found.refusedFilters.add(entry);
    },
  };
}

/** Cuts down to what hosts alike of one subgraph let the viewer have, and reports what of it they withhold. */
export function hostsRewriting(
  { snapshot, gathered }: RewritingFederation,
  parts: SubgraphParts,
  found: Findings,
  subgraph: string,
  alike: readonly [CustodianPart, ...CustodianPart[]],
): RewritingHost {
  const [one] = alike;
  return {
    ...reporting(snapshot, (named) => (named === subgraph ? alike : []), found),
    decide: (need) => (need.subgraph === subgraph ? one.decide(need) : parts.decide(need)),
    pageDemand: (field, named) => pageDemand(snapshot, gathered.get(named), named, field),
    isByGrants: (named) => (named === subgraph ? alike : parts.of(named)).some(({ isByGrants }) => isByGrants),
    filterWithheld: (field, need, guards) => {
      if (need.subgraph !== subgraph) return;
      for (const entry of filterEntries(snapshot, alike, field, need, guards)) found.withheld.add(entry);
      one.reach.cut.add('withheld');
    },
  };
}

/** What is kept and cut of the parts that are reported of a subgraph: those alike, which share what is found of them. */
function reporting(
  snapshot: SupergraphSnapshot,
  reported: (subgraph: string) => readonly CustodianPart[],
  found: Findings,
): Omit<RewritingHost, 'decide' | 'pageDemand' | 'isByGrants' | 'filterWithheld'> {
  return {
    isPartial: (subgraph, rows, field) => reported(subgraph)[0]?.isPartial(rows, field) ?? false,
    kept: (field, subgraphs, above) => {
      for (const subgraph of subgraphs) reported(subgraph)[0]?.reach.keep(coordinateOf(field), above);
    },
    withheld: (field, need) => {
      for (const part of reported(need.subgraph))
        for (const entry of entriesOf(part, field, coordinateOf(field), need)) report(snapshot, found, field, entry);
      reported(need.subgraph)[0]?.reach.cut.add('withheld');
    },
    partial: (field, need) => {
      for (const part of reported(need.subgraph))
        for (const entry of entriesOf(part, field, coordinateOf(field), need))
          found.withheld.add({ ...entry, partial: true });
    },
    unasked: (_, { subgraph }) => {
      reported(subgraph)[0]?.reach.cut.add('unasked');
    },
    shadowed: (subgraphs, by) => {
      for (const subgraph of subgraphs) reported(subgraph)[0]?.reach.cut.add(by);
    },
  };
}

const coordinateOf = ({ parent, definition }: AskedField): string => `${parent.name}.${definition.name}`;

function report(
  snapshot: SupergraphSnapshot,
  { withheld, unfilled }: Findings,
  field: AskedField,
  entry: Withheld,
): void {
  if (withheld.add(entry) && stricterTypes(snapshot, field).length > 0) unfilled.push(entry);
}

function entriesOf({ access }: CustodianPart, { path }: AskedField, coordinate: string, need: FieldNeed): Withheld[] {
  return access.status === 'ANSWERED' ? [withheldBy(access, coordinate, path, need)] : [];
}

function filterEntries(
  snapshot: SupergraphSnapshot,
  parts: readonly CustodianPart[],
  field: AskedField,
  need: FieldNeed,
  guards: readonly string[],
): Withheld[] {
  return guards.flatMap((coordinate) => {
    const demand = snapshot.demandOf(coordinate) ?? NOTHING;
    return parts.flatMap((part) => entriesOf(part, field, coordinate, { ...demand, subgraph: need.subgraph }));
  });
}
