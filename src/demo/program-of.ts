import { join } from 'node:path';
import { DEMO_CUSTODIANS } from './demo-custodians.ts';
import { type Ports, type ProcessName, SIGNED_IN, configurationFile, secretFile } from './write-configuration.ts';

/** Which module a process of the federation runs, and with which arguments. */
export function programOf(name: ProcessName, directory: string, ports: Ports): { main: URL; arguments: string[] } {
  if (name === 'identity-provider') return identityProvider(directory, ports);
  const subgraph = DEMO_CUSTODIANS.find(({ id }) => id === name)?.subgraph;
  const main = subgraph === undefined ? '../gateway/main.ts' : `../subgraphs/${subgraph}/main.ts`;
  return { main: new URL(main, import.meta.url), arguments: ['--config', configurationFile(directory, name)] };
}

function identityProvider(directory: string, ports: Ports): { main: URL; arguments: string[] } {
  const options: [string, string][] = [
    ['--directory', join(directory, 'identity-provider')],
    ['--port', String(ports['identity-provider'])],
    ['--gateway-secret-file', secretFile(directory, 'gateway-client')],
    ['--dashboard-secret-file', secretFile(directory, 'dashboard-client')],
    ['--redirect-uri', `http://127.0.0.1:${ports.gateway}${SIGNED_IN}`],
    ['--redirect-uri', `http://localhost:${ports.gateway}${SIGNED_IN}`],
  ];
  for (const { id } of DEMO_CUSTODIANS) options.push(['--custodian', id]);
  return { main: new URL('identity-provider/main.ts', import.meta.url), arguments: options.flat() };
}
