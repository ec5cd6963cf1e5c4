import { z } from 'zod';
import { SubgraphName } from '../../protocol/identifiers.ts';
import { Digest, digestOf } from '../../protocol/schema-verdict.ts';

/** What is kept of a schema that has taken effect. */
export const InForce = z.strictObject({
  subgraph: SubgraphName,
  digest: Digest,
  /** When it took effect (RFC 3339). */
  since: z.iso.datetime(),
  sdl: z.string(),
  /** The guards of what earlier schemas had and this one has not. */
  gone: z.array(
    z.strictObject({
      coordinate: z.string(),
      requirement: z.array(z.array(z.string())),
      fields: z.array(z.string()),
    }),
  ),
});

/** Whether a schema that was kept is still the one that took effect. */
export const isUnchanged = ({ digest, sdl }: z.infer<typeof InForce>): boolean => digest === digestOf(sdl);

export const KnownContract = InForce.refine(isUnchanged);

/** The contract of a gathered subgraph that has taken effect. */
export type KnownContract = z.infer<typeof KnownContract>;

export const AwaitedContract = z.strictObject({
  subgraph: SubgraphName,
  /** The contract in force, by its digest, and the one that would take its place. */
  from: Digest,
  to: Digest,
  /** What would be guarded less. */
  weakened: z.array(z.string()),
});

/** A contract that takes effect only once the gateway's operator has confirmed it. */
export type AwaitedContract = z.infer<typeof AwaitedContract>;

export const ContractConfirmation = AwaitedContract.omit({ weakened: true }).extend({
  by: z.string(),
  at: z.iso.datetime(),
});

/** One contract in the place of one other, as the gateway's operator has confirmed it. */
export type ContractConfirmation = z.infer<typeof ContractConfirmation>;
