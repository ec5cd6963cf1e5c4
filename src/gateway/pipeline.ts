import type { QueryPlan } from '@apollo/query-planner';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { DocumentNode, GraphQLFormattedError } from 'graphql';
import { ListedError } from '../protocol/errors.ts';
import {
  type Authorization,
  WithheldRefusal,
  authorizeOperation,
  withheldBy,
} from './authorize/authorize-operation.ts';
import { hasLeft } from './client-gone-error.ts';
import type { GatewayConfiguration } from './configuration.ts';
import { NOTHING } from './compose/demand.ts';
import { describeCause } from './describe-cause.ts';
import type { Federation } from './federation.ts';
import type { Ledger } from './ledger/ledger.ts';
import { type ExecutionOutput, executePlan } from './execute/execute-plan.ts';
import { SubjectRefusal } from './identify.ts';
import { MOST_FIELDS, type OperationLimits, limitOperation } from './limit/limit-operation.ts';
import { refuseIntrospection } from './limit/refuse-introspection.ts';
import { type PlanOperation, planner } from './plan.ts';
import { type ReceivedRequest, receiveRequest } from './receive/receive-request.ts';
import { type RequestLog, requestLog } from './record/record-request.ts';
import { type ResolvedOperation, resolveOperation } from './resolve/resolve-operation.ts';
import { reportCustodians } from './respond/report-custodians.ts';
import { type FinalResponse, respondAnswer, respondRefusal } from './respond/respond.ts';
import type { Admit, Visit } from './visit.ts';

/** What the stages work with; all of it outlives a request, and none of it remembers one but the log. */
export interface PipelineParts {
  readonly configuration: Pick<GatewayConfiguration, 'deadlines'> & { readonly limits: OperationLimits };
  /** The one in force now. */
  readonly federation: () => Federation;
  /** The identify stage, and what the others must know of a viewer's access: custodians and plain subgraphs differ in it. */
  readonly admit: Admit;
  readonly ledger: Ledger;
  /** The key under which viewers and references stand in the ledger. */
  readonly logKey: Buffer;
  readonly operatorLog: Logger;
  readonly now: () => number;
}

/** One request on its way: each stage adds what it has found out. */
export interface Exchange {
  readonly received: ReceivedRequest;
  readonly visit: Visit;
  /** The one in force when the request came; it stays the request's own to the end. */
  readonly federation: Federation;
  operation?: ResolvedOperation;
  authorization?: Authorization;
  plan?: QueryPlan;
  execution?: ExecutionOutput;
}

/**
 * The request lifecycle. Its stages in order: receive, identify; resolve, limit, authorize, plan; record, execute;
 * respond. Who asks too often goes no further than identify. Apollo Server parses between the first two groups and calls
 * the rest; a stage that throws a `ListedError` ends the request, and `respond` is reached whatever happens.
 */
export class Pipeline {
  readonly #parts: PipelineParts;
  readonly #log: RequestLog;
  readonly #planOperation: PlanOperation = planner();

  constructor(parts: PipelineParts) {
    const { ledger, logKey, operatorLog, now } = parts;
    this.#parts = parts;
    this.#log = requestLog(ledger, logKey, now, (cause) =>
      operatorLog.error({ cause: describeCause(cause) }, 'the access log cannot be written'),
    );
  }

  /** receive, identify; a viewer's rate is limited before anything is parsed for him. */
  async open(request: FastifyRequest, reply: FastifyReply): Promise<Exchange> {
    const { configuration, federation, admit } = this.#parts;
    const received = receiveRequest(request, reply, configuration.deadlines.request);
    return { received, visit: await admit(received), federation: federation() };
  }

  /** resolve, limit, authorize, plan. */
  async prepare(exchange: Exchange, document: DocumentNode): Promise<void> {
    const { received, visit, federation } = exchange;
    const { snapshot } = federation;
    const { limits } = this.#parts.configuration;
    const operation = resolveOperation(snapshot, document, received, Math.min(limits.cost, MOST_FIELDS));
    exchange.operation = operation;

    if (!visit.mayIntrospect) refuseIntrospection(operation.selections);
    limitOperation(operation.selections, limits);

    const accesses = await visit.access(federation, operation.selections);
    const authorization = authorizeOperation(federation, operation, accesses);
    exchange.authorization = authorization;
    const withheld = authorization.withheld.entries();
    if (received.withheldAs === 'reject' && withheld.length > 0)
      throw new WithheldRefusal('OPERATION_WITHHELD', withheld);

    exchange.plan = this.#planOperation(snapshot, authorization.document);
  }

  /** record, execute. */
  async execute(exchange: Exchange): Promise<ExecutionOutput> {
    const { received, visit, federation, operation, authorization, plan } = exchange;
    if (!operation || !authorization || !plan) throw new Error('a request was executed before it was prepared');
    await this.#log.opened(received.id, visit.viewer, authorization);

    const { deadlines } = this.#parts.configuration;
    const { signal } = received;
    const { snapshot, connections } = federation;
    exchange.execution = await executePlan({
      requestId: received.id,
      snapshot,
      plan,
      operation,
      authorization,
      connections,
      own: (fetch) => visit.own(federation, fetch),
      signal,
      deadline: deadlines.custodian,
      failed: ({ custodian }, failure) =>
        this.#parts.operatorLog.warn(
          { request: received.id, custodian: custodian.id, cause: describeCause(failure) },
          'a custodian gave no usable answer',
        ),
      withheld: ({ custodian, access }, coordinate, path) => {
        if (access.status !== 'ANSWERED') return;
        const requirement = snapshot.requirementOf(custodian.subgraph, coordinate) ?? [];
        const demand = { ...NOTHING, requirement };
        const entry = withheldBy(access, coordinate, path, demand);
        // What was granted when the gateway asked, and is refused now, has been taken back in between.
        const reason = access.carries(demand) ? 'EXPIRED' : entry.reason;
        // What was reported before contradicts nothing: a field withheld on some records, say.
        if (authorization.withheld.add({ ...entry, reason })) visit.forget(custodian.id);
      },
    });
    return exchange.execution;
  }

  /** respond. `errors` are masked; what refused the request, where something did, is among `causes`. */
  respond(
    { received, visit, federation, operation, authorization, execution }: Exchange,
    errors: readonly GraphQLFormattedError[],
    causes: readonly unknown[],
  ): Promise<FinalResponse> {
    const { id, withheldAs } = received;
    const { viewer, tellsCustodians } = visit;
    const log = this.#log;
    if (!execution || !operation || !authorization) {
      const withheld = causes.flatMap((cause) => (cause instanceof WithheldRefusal ? cause.withheld : []));
      return respondRefusal({ id, log, viewer, errors, withheld });
    }
    const { data, statuses } = execution;
    for (const [subgraph, status] of statuses) {
      const part = authorization.touched.get(subgraph);
      if (part && status === 'REFUSED') visit.forget(part.custodian.id);
    }
    const custodians = reportCustodians(
      federation,
      new Map([...authorization.touched].filter(([subgraph, part]) => part.isInvolved || statuses.has(subgraph))),
      statuses,
      operation.selections,
      data,
    );
    return respondAnswer({
      id,
      log,
      viewer,
      data,
      errors,
      withheld: authorization.withheld.entries(),
      unfilled: authorization.unfilled,
      custodians,
      tellsCustodians,
      withheldAs,
      isAbandoned: hasLeft(received.signal),
    });
  }

  /** respond, where the request came no further than `open`, and why. */
  refuse(id: string, errors: readonly GraphQLFormattedError[], cause: unknown): Promise<FinalResponse> {
    const viewer = cause instanceof SubjectRefusal ? cause.subject : undefined;
    if (cause instanceof ListedError && cause.code === 'IDENTITY_PROVIDER_UNAVAILABLE')
      this.#parts.operatorLog.warn({ request: id, cause: describeCause(cause) }, 'the identity provider gave no keys');
    return respondRefusal({ id, log: this.#log, viewer, errors, withheld: [] });
  }
}
