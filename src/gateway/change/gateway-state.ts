import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { CustodianId } from '../../protocol/identifiers.ts';
import { Digest, digestOf } from '../../protocol/schema-verdict.ts';
import { ConfigurationError } from '../../protocol/read-configuration.ts';
import type { Custodian } from '../custodian-connection.ts';
import { ContractState } from './contract-state.ts';
import { InForce, isUnchanged } from './known-contract.ts';
import { readState, removeState, writeState } from './state-files.ts';

/** A custodian as the configuration names it, with the schema that the operator has given for it beforehand. */
export type MemberSettings = Custodian & { readonly schemaFile?: string | undefined };

const KnownSchema = InForce.extend({ custodian: CustodianId }).refine(isUnchanged);

/** A custodian's schema that has taken effect. */
export type KnownSchema = z.infer<typeof KnownSchema>;

const Awaited = z.strictObject({
  custodian: CustodianId,
  /** The schema in force, by its digest, and the one that would take its place. */
  from: Digest,
  to: Digest,
  /** What would be guarded less. */
  weakened: z.array(z.string()),
});

/** A schema that takes effect only once two have confirmed it. */
export type Awaited = z.infer<typeof Awaited>;

const Confirmation = Awaited.omit({ weakened: true }).extend({ by: z.string(), at: z.iso.datetime() });

/** What the gateway's operator has confirmed: one schema in the place of one other. */
export type Confirmation = z.infer<typeof Confirmation>;

const Joined = z.strictObject({ custodians: z.array(z.strictObject({ id: CustodianId, at: z.number() })) });

/** Who was in the federation last, and when each had joined it (milliseconds since 1970). */
export type Joined = z.infer<typeof Joined>;

const Operations = z.strictObject({ operations: z.array(z.string()) });

/** The folder in which the gateway keeps what it must know when it starts again; a file for each thing, none of records. */
export const stateDirectory = ({ log }: { readonly log: { readonly directory: string } }): string =>
  join(log.directory, 'state');

/** The files of the gateway's state. Reading throws where a file holds what the gateway has not written. */
export class GatewayState {
  readonly contracts: ContractState;
  readonly #directory: string;

  constructor(directory: string) {
    this.contracts = new ContractState(directory);
    this.#directory = directory;
  }

  /** A custodian's last schema that took effect. */
  known = (custodian: string): Promise<KnownSchema | undefined> =>
    readState(this.#file('schemas', custodian), KnownSchema);

  keep = (schema: KnownSchema): Promise<void> => writeState(this.#file('schemas', schema.custodian), schema);

  /** A custodian's schema that waits to be confirmed. */
  awaited = (custodian: string): Promise<Awaited | undefined> => readState(this.#file('awaited', custodian), Awaited);

  await = (awaited: Awaited): Promise<void> => writeState(this.#file('awaited', awaited.custodian), awaited);

  confirmation = (custodian: string): Promise<Confirmation | undefined> =>
    readState(this.#file('confirmed', custodian), Confirmation);

  confirm = (confirmation: Confirmation): Promise<void> =>
    writeState(this.#file('confirmed', confirmation.custodian), confirmation);

  /** Nothing of a custodian waits to be confirmed any more. */
  async settle(custodian: string): Promise<void> {
    await Promise.all([removeState(this.#file('awaited', custodian)), removeState(this.#file('confirmed', custodian))]);
  }

  /** Who was in the federation last. */
  joined = (): Promise<Joined | undefined> => readState(this.#file('joined'), Joined);

  keepJoined = (joined: Joined): Promise<void> => writeState(this.#file('joined'), joined);

  /** What was asked lately: documents without names and values. */
  async operations(): Promise<readonly string[]> {
    return (await readState(this.#file('operations'), Operations))?.operations ?? [];
  }

  keepOperations = (operations: readonly string[]): Promise<void> =>
    writeState(this.#file('operations'), { operations });

  #file(...names: readonly string[]): string {
    return `${join(this.#directory, ...names)}.json`;
  }
}

/**
 * A custodian's last schema that took effect, or else the one that the operator has given the gateway beforehand. Throws
 * where it cannot be read: without it a weakened guard could not be told from a new one.
 */
export async function lastKnownSchema(
  state: GatewayState,
  { id, subgraph, schemaFile }: Pick<MemberSettings, 'id' | 'subgraph' | 'schemaFile'>,
): Promise<KnownSchema | undefined> {
  const known = await state.known(id);
  if (known?.subgraph === subgraph) return known;
  return schemaFile === undefined ? undefined : pinnedSchema(id, subgraph, schemaFile);
}

async function pinnedSchema(custodian: string, subgraph: string, file: string): Promise<KnownSchema> {
  const sdl = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new ConfigurationError(`${file}: cannot be read. schemaFile names a file with the schema of ${custodian}.`, {
      cause,
    });
  });
  return { custodian, subgraph, digest: digestOf(sdl), since: new Date(0).toISOString(), sdl, gone: [] };
}
