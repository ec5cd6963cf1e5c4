import { type ViewerAnswer, answeredByAll, askViewers, askWithout } from './ask-viewers.ts';
import { demoPorts } from './choose-ports.ts';
import { showPeople } from './show-people.ts';
import { showViewers, showWithout } from './show-viewers.ts';
import { startFederation } from './start-federation.ts';

/** How the demo is run. */
export interface DemoOptions {
  readonly directory: string;
  /** The gateway's port; 0 takes free ports for all. */
  readonly port: number;
  /** Ends after the question instead of staying up. */
  readonly once: boolean;
  /** One JSON object on standard output and nothing else there. */
  readonly json: boolean;
  readonly environment: NodeJS.ProcessEnv;
}

const INTERRUPTED = 130;

/** One of two hosts of one subgraph. */
const SWITCHED_OFF = 'ngo-b';

/**
 * Brings the federation up, asks the cross-organisation query as four viewers, shows their answers, asks once more while
 * one custodian is switched off, and stays up until a signal. Answers the exit code: 0 if everybody was answered by every custodian asked. Throws where it cannot start.
 */
export async function runDemo({ directory, port, once, json, environment }: DemoOptions): Promise<number> {
  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupt.abort());
  const progress = (line: string) => process.stderr.write(`${line}\n`);
  const print = json ? progress : (line: string) => process.stdout.write(`${line}\n`);
  const began = performance.now();
  try {
    const ports = port === 0 ? {} : demoPorts(port);
    const { signal } = interrupt;
    const federation = await startFederation({ directory, ports, environment, onProgress: progress, signal });
    try {
      print(`\nThe federation stands, after ${((performance.now() - began) / 1000).toFixed(1)} s.\n`);
      if (!json) print(showPeople(federation, directory));
      const answers = await askViewers(federation, signal);
      if (!json) print(showViewers(answers));
      const without = await askWithout(federation, SWITCHED_OFF, signal);
      if (json) {
        const viewers = answers.map(answerOf);
        const oneOff = { custodian: SWITCHED_OFF, viewers: without.map(answerOf) };
        process.stdout.write(`${JSON.stringify({ gateway: federation.gateway, viewers, without: oneOff })}\n`);
      } else print(showWithout(SWITCHED_OFF, without));
      const code = answeredByAll(answers) ? 0 : 1;
      if (once) return code;
      print(`It stays up until Ctrl-C. The gateway: ${federation.gateway}/`);
      await aborted(signal);
      return 0;
    } finally {
      progress('Ending …');
      await federation.stop();
    }
  } catch (error) {
    if (interrupt.signal.aborted) return INTERRUPTED;
    throw error;
  }
}

/** Resolves on abort, and keeps this process up until then, whatever becomes of those that it started. */
function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const awake = setInterval(() => {}, 60_000);
    signal.addEventListener('abort', () => {
      clearInterval(awake);
      resolve();
    });
  });
}

const answerOf = ({ viewer, data, errors, withheld, custodians }: ViewerAnswer) => ({
  viewer: viewer.id,
  data,
  withheld,
  custodians,
  ...(errors.length > 0 && { errors }),
});
