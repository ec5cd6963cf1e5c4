import { join } from 'node:path';
import { AwaitedContract, ContractConfirmation, KnownContract } from './known-contract.ts';
import { readState, removeState, writeState } from './state-files.ts';

/** The files of the gateway's state that tell of contracts, by subgraph. */
export class ContractState {
  readonly #directory: string;

  /** The folder of the gateway's state. */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /** The last contract that took effect. */
  known = (subgraph: string): Promise<KnownContract | undefined> =>
    readState(this.#file('contracts', subgraph), KnownContract);

  keep = (contract: KnownContract): Promise<void> => writeState(this.#file('contracts', contract.subgraph), contract);

  /** A contract that waits to be confirmed. */
  awaited = (subgraph: string): Promise<AwaitedContract | undefined> =>
    readState(this.#file('awaited-contracts', subgraph), AwaitedContract);

  await = (awaited: AwaitedContract): Promise<void> =>
    writeState(this.#file('awaited-contracts', awaited.subgraph), awaited);

  confirmation = (subgraph: string): Promise<ContractConfirmation | undefined> =>
    readState(this.#file('confirmed-contracts', subgraph), ContractConfirmation);

  confirm = (confirmation: ContractConfirmation): Promise<void> =>
    writeState(this.#file('confirmed-contracts', confirmation.subgraph), confirmation);

  /** Nothing of a subgraph waits to be confirmed any more. */
  async settle(subgraph: string): Promise<void> {
    await Promise.all(
      ['awaited-contracts', 'confirmed-contracts'].map((folder) => removeState(this.#file(folder, subgraph))),
    );
  }

  #file(folder: string, subgraph: string): string {
    return `${join(this.#directory, folder, subgraph)}.json`;
  }
}
