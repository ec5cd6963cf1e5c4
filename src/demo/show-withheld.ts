import type { ViewerAnswer } from './ask-viewers.ts';
import { DEMO_CUSTODIANS } from './demo-custodians.ts';

type Cut = ViewerAnswer['withheld'][number] & { readonly from: string };

const REASONS: Readonly<Record<string, string>> = {
  UNAUTHENTICATED: 'not signed in',
  NO_GRANT: 'no grant',
  PURPOSE: 'granted for another purpose',
  EXPIRED: 'the grant has ended',
  POLICY: 'forbidden by a policy',
};

/** What was withheld by each custodian, from whom and why, and whom to ask: lines for a terminal. */
export function showWithheld(answers: readonly ViewerAnswer[]): string[] {
  const lines: string[] = [];
  const cuts = answers.flatMap(({ viewer, withheld }) =>
    withheld.map((cut): Cut => Object.assign({ from: viewer.name.en }, cut)),
  );
  for (const [custodian, byIt] of Map.groupBy(cuts, (cut) => cut.custodian)) {
    const name = DEMO_CUSTODIANS.find(({ id }) => id === custodian)?.name.en ?? custodian;
    lines.push(`${name}: ask ${distinct(byIt.map(({ contact }) => contact))}`);
    // Fields that need the same and were withheld from the same people for the same reason make one entry.
    const alike = Map.groupBy(byField(byIt), ({ needs, from }) => `  needs ${needs}: ${from}`);
    for (const [what, fields] of alike)
      lines.push(what, `    ${fields.map(({ coordinate }) => coordinate).join(', ')}`);
  }
  return lines;
}

function byField(cuts: readonly Cut[]): { coordinate: string; needs: string; from: string }[] {
  return [...Map.groupBy(cuts, ({ coordinate }) => coordinate)].map(([coordinate, same]) => ({
    coordinate,
    needs: distinct(same.map(({ requires }) => requires.map((all) => all.join(' and ')).join(' or '))),
    from: [...Map.groupBy(same, ({ reason }) => reason)]
      .map(([reason, those]) => `${distinct(those.map(({ from }) => from))} (${REASONS[reason] ?? reason})`)
      .join('; '),
  }));
}

const distinct = (texts: readonly string[]): string => [...new Set(texts)].join(', ');
