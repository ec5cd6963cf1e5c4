import { type DocumentNode, print, visit } from 'graphql';
import type { Logger } from 'pino';
import { describeCause } from '../../protocol/describe-cause.ts';
import type { GatewayState } from './gateway-state.ts';

/** Keeps the shape of an operation in which no literal is left; `digest` is the document's hash. */
export type NoteOperation = (operation: { readonly document: DocumentNode; readonly digest: string }) => void;

const KEPT = 500;

/** How much of them is kept, in characters. */
const KEPT_TEXT = 2 * 1024 * 1024;

/** How long after an operation was new the file is written, in milliseconds. */
const LAZILY = 60_000;

/**
 * The shapes of what was asked lately, for seeing what a schema would change: fields and types alone. Values are variables
 * by then, and whatever word is the client's own, which might be somebody's name, gives way to a number.
 */
export class OperationShapes {
  readonly #state: GatewayState;
  readonly #log: Logger;
  readonly #shapes = new Map<string, string>();
  #text = 0;
  #writing: NodeJS.Timeout | undefined;

  private constructor(state: GatewayState, log: Logger) {
    this.#state = state;
    this.#log = log;
  }

  /** Begins with what an earlier run has kept. */
  static async open(state: GatewayState, log: Logger): Promise<OperationShapes> {
    const shapes = new OperationShapes(state, log);
    const kept = await state.operations().catch((cause: unknown) => {
      log.warn({ cause: describeCause(cause) }, 'the operations kept cannot be read');
      return [];
    });
    for (const shape of kept) shapes.#add(shape, shape);
    return shapes;
  }

  /** The most recent last. */
  get documents(): readonly string[] {
    return [...new Set(this.#shapes.values())];
  }

  readonly note: NoteOperation = ({ document, digest }) => {
    const known = this.#shapes.get(digest);
    this.#remove(digest);
    this.#add(digest, known ?? shapeOf(document));
    if (known === undefined) this.#writing ??= setTimeout(() => void this.#write(), LAZILY).unref();
  };

  /** Writes what has not been written. */
  async close(): Promise<void> {
    if (this.#writing) await this.#write();
  }

  #add(digest: string, shape: string): void {
    this.#shapes.set(digest, shape);
    this.#text += shape.length;
    for (const oldest of this.#shapes.keys()) {
      if (this.#shapes.size <= KEPT && this.#text <= KEPT_TEXT) break;
      this.#remove(oldest);
    }
  }

  #remove(digest: string): void {
    this.#text -= this.#shapes.get(digest)?.length ?? 0;
    this.#shapes.delete(digest);
  }

  async #write(): Promise<void> {
    clearTimeout(this.#writing);
    this.#writing = undefined;
    await this.#state
      .keepOperations(this.documents)
      .catch((cause: unknown) =>
        this.#log.warn({ cause: describeCause(cause) }, 'the operations asked lately cannot be kept'),
      );
  }
}

/** A document with numbers in the place of the client's own words: the names of operation, fragments and variables, and aliases. */
export function shapeOf(document: DocumentNode): string {
  const numbers = new Map<string, string>();
  const numbered = (kind: string, { value }: { readonly value: string }) => {
    const key = `${kind} ${value}`;
    const name = numbers.get(key) ?? `${kind}${numbers.size}`;
    numbers.set(key, name);
    return { kind: 'Name', value: name };
  };
  return print(
    visit(document, {
      OperationDefinition: (operation) => ({ ...operation, name: undefined }),
      FragmentDefinition: ({ name, ...fragment }) => ({ ...fragment, name: numbered('F', name) }),
      FragmentSpread: ({ name, ...spread }) => ({ ...spread, name: numbered('F', name) }),
      Variable: ({ name, ...variable }) => ({ ...variable, name: numbered('v', name) }),
      Field: ({ alias, ...field }) => ({ ...field, ...(alias && { alias: numbered('a', alias) }) }),
    }),
  );
}
