import { runningFederation } from './lock-directory.ts';
import { dashboardToken, tokenOf } from './obtain-token.ts';
import { DASHBOARD } from './people.ts';

/** An access token for the gateway of the demo that runs on a directory; throws where none runs, or nobody has that id. */
export async function tokenFor(person: string, directory: string): Promise<string> {
  const running = runningFederation(directory);
  const notRunning = `No demo runs on ${directory}. Start it with "amana demo" (npm start), or name its directory with --directory.`;
  if (!running) throw new Error(notRunning);
  try {
    return await (person === DASHBOARD.id ? dashboardToken(running, directory) : tokenOf(running, person));
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'TimeoutError')
      throw new Error(`The demo on ${directory} does not answer. Look at its logs, or start it anew.`, { cause });
    // What `fetch` throws where nobody listens: the demo was killed.
    throw cause instanceof TypeError ? new Error(notRunning, { cause }) : cause;
  }
}
