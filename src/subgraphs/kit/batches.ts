import DataLoader from 'dataloader';

/** Reads the values of many keys in one statement; a key that is missing in the answer has none. */
export type ReadBatch<Value> = (keys: readonly string[]) => Promise<ReadonlyMap<string, Value>>;

/**
 * One kind of values, loaded in batches during one request. Keys asked for together under the same batch name become
 * one statement, so that a page of N records costs a constant number of statements.
 */
export class Batches<Value> {
  readonly #loaders = new Map<string, DataLoader<string, Value | undefined>>();

  /** The value of a key; `batch` must say everything that the statement depends on, the visible label sets included. */
  load(batch: string, key: string, read: ReadBatch<Value>): Promise<Value | undefined> {
    let loader = this.#loaders.get(batch);
    if (!loader) {
      loader = new DataLoader(async (keys) => {
        const values = await read(keys);
        return keys.map((wanted) => values.get(wanted));
      });
      this.#loaders.set(batch, loader);
    }
    return loader.load(key);
  }
}
