import { constants } from 'node:fs';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { z } from 'zod';

/** What a file of the gateway's state holds; undefined where there is none. Throws where it holds something else. */
export async function readState<Schema extends z.ZodType>(
  file: string,
  schema: Schema,
): Promise<z.infer<Schema> | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw cause;
  }
  const parsed = schema.safeParse(parseJson(text));
  if (!parsed.success) throw new Error(`${file}: not what the gateway writes there. Remove it, or bring it back.`);
  return parsed.data;
}

/** Writes a file of the gateway's state, readable by its owner alone: whole and durable, or as it was. */
export async function writeState(file: string, content: unknown): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const next = `${file}.${process.pid}.next`;
  const handle = await open(next, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC, 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(content, null, 2)}\n`);
    await handle.datasync();
  } finally {
    await handle.close();
  }
  await rename(next, file);
}

/** Removes a file of the gateway's state, if it is there. */
export const removeState = (file: string): Promise<void> => rm(file, { force: true });

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
