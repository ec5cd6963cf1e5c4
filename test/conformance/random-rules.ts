/** What one subgraph demands of a viewer at one place. */
export interface Rule {
  readonly authenticated: boolean;
  /** (a and b) or c */
  readonly scopes: readonly (readonly string[])[];
  readonly policies: readonly (readonly string[])[];
}

/** Who asks: nobody has signed in where it is undefined. */
export type Viewer = { readonly scopes: readonly string[]; readonly policies: readonly string[] } | undefined;

export const NONE: Rule = { authenticated: false, scopes: [], policies: [] };

export const RULES: readonly Rule[] = [
  { ...NONE, authenticated: true },
  { ...NONE, scopes: [['s']] },
  { ...NONE, scopes: [['s', 't'], ['u']] },
  { ...NONE, authenticated: true, scopes: [['t']] },
  { ...NONE, policies: [['p']] },
  { ...NONE, scopes: [['s'], ['t']], policies: [['p', 'q'], ['r']] },
];

export const VIEWERS: readonly Viewer[] = [
  undefined,
  ...[[], ['s'], ['t'], ['s', 't'], ['u'], ['s', 't', 'u']].flatMap((scopes) =>
    [[], ['p'], ['r', 'p']].map((policies) => ({ scopes, policies })),
  ),
];

/** The rule as a subgraph writes it. */
export function directivesOf({ authenticated, scopes, policies }: Rule): string {
  const guards = [
    authenticated && '@authenticated',
    scopes.length > 0 && `@requiresScopes(scopes: ${JSON.stringify(scopes)})`,
    policies.length > 0 && `@policy(policies: ${JSON.stringify(policies)})`,
  ];
  return guards.map((guard) => (guard === false ? '' : ` ${guard}`)).join('');
}

/** Whether a viewer meets a rule. */
export function meets(viewer: Viewer, { authenticated, scopes, policies }: Rule): boolean {
  const holds = (sets: readonly (readonly string[])[], held: readonly string[] = []): boolean =>
    sets.length === 0 || sets.some((all) => all.every((one) => held.includes(one)));
  return (!authenticated || viewer !== undefined) && holds(scopes, viewer?.scopes) && holds(policies, viewer?.policies);
}
