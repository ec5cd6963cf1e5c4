import { readFile } from 'node:fs/promises';
import { ConfigurationError } from '../../protocol/read-configuration.ts';
import { type Contract, readContract } from '../compose/host-contract.ts';
import { CompositionError } from '../compose/subgraph-schema.ts';
import type { GatewayConfiguration } from '../configuration.ts';

/**
 * Reads the contracts of the gathered subgraphs. Throws `ConfigurationError` where one cannot be read, or holds fields of
 * which it cannot be told how the answers of several hosts become one, naming every one of them.
 */
export const readContracts = ({ gathered }: Pick<GatewayConfiguration, 'gathered'>): Promise<readonly Contract[]> =>
  Promise.all(
    gathered.map(async ({ subgraph, contractFile }) => {
      const sdl = await readFile(contractFile, 'utf8').catch((cause: unknown) => {
        throw new ConfigurationError(
          `${contractFile}: cannot be read. contractFile names a file with the contract of ${subgraph}.`,
          { cause },
        );
      });
      try {
        return readContract({ subgraph, url: '', sdl });
      } catch (cause) {
        if (!(cause instanceof CompositionError)) throw cause;
        throw notTaken(contractFile, cause.faults);
      }
    }),
  );

/** A contract by which nothing can be gathered, and why: a sentence each. */
export const notTaken = (what: string, faults: readonly string[]): ConfigurationError =>
  new ConfigurationError(`${what}: no contract to gather by:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
