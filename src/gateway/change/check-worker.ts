import { parentPort } from 'node:worker_threads';
import { checkSchemas } from '../compose/check-schemas.ts';
import { type HostProposal, judgeHost } from '../compose/host-contract.ts';
import type { Proposal } from '../compose/schema-candidate.ts';

parentPort?.on('message', (proposal: Proposal | HostProposal) =>
  parentPort?.postMessage('contract' in proposal ? judgeHost(proposal) : checkSchemas(proposal)),
);
