import type { QueryPlan } from '@apollo/query-planner';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { DocumentNode, GraphQLFormattedError } from 'graphql';
import { ListedError } from '../protocol/errors.ts';
import { type Authorization, WithheldRefusal, authorizeOperation } from './authorize/authorize-operation.ts';
import { withheldBy } from './authorize/subgraph-access.ts';
import type { NoteOperation } from './change/operation-shapes.ts';
import { hasLeft } from './client-gone-error.ts';
import type { GatewayConfiguration } from './configuration.ts';
import { NOTHING } from './compose/demand.ts';
import { shownSchema } from './compose/shown-schema.ts';
import { describeCause } from '../protocol/describe-cause.ts';
import { isErrorCode } from '../protocol/errors.ts';
import type { Federation } from './federation.ts';
import type { Ledger } from './ledger/ledger.ts';
import { type ExecutionInput, type ExecutionOutput, executePlan } from './execute/execute-plan.ts';
import type { ListCursors } from './gather/list-cursors.ts';
import { SubjectRefusal } from './identify.ts';
import { MOST_FIELDS, type OperationLimits, limitOperation } from './limit/limit-operation.ts';
import { refuseIntrospection } from './limit/refuse-introspection.ts';
import { type Instruments, RequestWatch, looked, outcomeOf } from './observe/request-watch.ts';
import { type PlanOperation, planner } from './plan.ts';
import { type ReceivedRequest, receiveRequest } from './receive/receive-request.ts';
import { type RequestLog, requestLog } from './record/record-request.ts';
import { type ResolvedOperation, resolveOperation } from './resolve/resolve-operation.ts';
import { reportCustodians } from './respond/report-custodians.ts';
import { type FinalResponse, respondAnswer, respondRefusal } from './respond/respond.ts';
import type { Admit, Visit } from './visit.ts';
import type { Withheld } from './withheld.ts';
import { warmPlanner } from './warm-planner.ts';

/** What the stages work with; all of it outlives a request, and none of it remembers one but the log. */
export interface PipelineParts {
  /** The settings in force now. */
  readonly configuration: () => Pick<GatewayConfiguration, 'deadlines'> & { readonly limits: OperationLimits };
  /** The one in force now. */
  readonly federation: () => Federation;
  /** The identify stage, and what the others must know of a viewer's access: custodians and plain subgraphs differ in it. */
  readonly admit: Admit;
  /** Keeps the shape of an operation. */
  readonly noteOperation?: NoteOperation;
  readonly ledger: Ledger;
  /** The key under which viewers and references stand in the ledger. */
  readonly logKey: Buffer;
  /** Seals the cursors of gathered lists; where nothing is gathered, none. */
  readonly cursors?: () => ListCursors | undefined;
  readonly operatorLog: Logger;
  readonly instruments: Instruments;
  readonly now: () => number;
}

/** One request on its way: each stage adds what it has found out. */
export interface Exchange {
  readonly received: ReceivedRequest;
  readonly visit: Visit;
  /** The one in force when the request came; it stays the request's own to the end. */
  readonly federation: Federation;
  readonly watch: RequestWatch;
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
  readonly #planOperation: PlanOperation;

  constructor(parts: PipelineParts) {
    const { ledger, logKey, operatorLog, instruments, now } = parts;
    this.#parts = parts;
    this.#planOperation = planner({ looked: looked(instruments, 'plan') });
    this.#log = requestLog(ledger, logKey, now, (cause) =>
      operatorLog.error({ cause: describeCause(cause) }, 'the access log cannot be written'),
    );
  }

  /** receive, identify; a viewer's rate is limited before anything is parsed for him. */
  async open(request: FastifyRequest, reply: FastifyReply, watch: RequestWatch): Promise<Exchange> {
    const { configuration, federation, admit } = this.#parts;
    const received = await watch.stage('receive', () =>
      receiveRequest(request, reply, configuration().deadlines.request),
    );
    const visit = await watch.stage('identify', () => admit(received, watch));
    return { received, visit, federation: federation(), watch };
  }

  /** The watch that a request is under from its beginning to `respond` or `refuse`. */
  watch(id: string): RequestWatch {
    return new RequestWatch(this.#parts.instruments, id);
  }

  /** Takes the time of a process's first plans before anybody waits. */
  warmUp(): void {
    warmPlanner(this.#parts.federation().snapshot, planner);
  }

  /** resolve, limit, authorize, plan. */
  async prepare(exchange: Exchange, document: DocumentNode): Promise<void> {
    const { received, visit, federation, watch } = exchange;
    const { snapshot } = federation;
    const { configuration, instruments } = this.#parts;
    const { limits } = configuration();
    const mostFields = Math.min(limits.cost, MOST_FIELDS);
    const operation = await watch.stage('resolve', () =>
      resolveOperation(snapshot, document, received, mostFields, looked(instruments, 'validation')),
    );
    exchange.operation = operation;
    this.#parts.noteOperation?.(operation);

    await watch.stage('limit', () => {
      if (!visit.attainable) refuseIntrospection(operation.selections);
      limitOperation(operation.selections, limits);
    });

    const authorization = await watch.stage('authorize', async () =>
      authorizeOperation(federation, operation, await visit.access(federation, operation.selections)),
    );
    exchange.authorization = authorization;
    const withheld = authorization.withheld.entries();
    // Before anything is fetched: what a custodian withholds later may depend on its records.
    this.#countWithheld(withheld);
    if (received.withheldAs === 'reject' && withheld.length > 0)
      throw new WithheldRefusal('OPERATION_WITHHELD', withheld);

    exchange.plan = await watch.stage('plan', () => this.#planOperation(snapshot, authorization.document));
  }

  /** record, execute. */
  async execute(exchange: Exchange): Promise<ExecutionOutput> {
    const { received, visit, federation, watch, operation, authorization, plan } = exchange;
    if (!operation || !authorization || !plan) throw new Error('a request was executed before it was prepared');
    await watch.stage('record', () => this.#log.opened(received.id, visit.viewer, authorization));

    const { deadlines } = this.#parts.configuration();
    const { signal } = received;
    const { snapshot, hosts, gathered, lacks, joined } = federation;
    const input: ExecutionInput = {
      requestId: received.id,
      watch,
      snapshot,
      shown: () => (visit.attainable ? shownSchema(snapshot, visit.attainable) : snapshot.apiSchema),
      plan,
      operation,
      authorization,
      hosts,
      gathered,
      lacks,
      joined,
      now: this.#parts.now,
      viewer: { subject: visit.viewer.subject ?? '', subjectKind: visit.viewer.subjectKind ?? '' },
      cursors: this.#parts.cursors?.(),
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
    };
    const execution = await watch.stage('execute', () => executePlan(input));
    exchange.execution = execution;
    return execution;
  }

  /** respond. `errors` are masked; what refused the request, where something did, is among `causes`. */
  async respond(
    exchange: Exchange,
    errors: readonly GraphQLFormattedError[],
    causes: readonly unknown[],
  ): Promise<FinalResponse> {
    const response = await exchange.watch.stage('respond', () => this.#respond(exchange, errors, causes));
    this.#ended(exchange.received.id, exchange.watch, response);
    return response;
  }

  #respond(
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
    for (const [custodian, status] of statuses) if (status === 'REFUSED') visit.forget(custodian);
    const custodians = reportCustodians(
      federation,
      [...authorization.touched.values()].filter(
        ({ custodian, isInvolved }) => isInvolved || statuses.has(custodian.id),
      ),
      execution,
      operation.selections,
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
  async refuse(
    id: string,
    errors: readonly GraphQLFormattedError[],
    cause: unknown,
    watch: RequestWatch,
  ): Promise<FinalResponse> {
    const viewer = cause instanceof SubjectRefusal ? cause.subject : undefined;
    if (cause instanceof ListedError && cause.code === 'IDENTITY_PROVIDER_UNAVAILABLE')
      this.#parts.operatorLog.warn({ request: id, cause: describeCause(cause) }, 'the identity provider gave no keys');
    const refusal = { id, log: this.#log, viewer, errors, withheld: [] };
    const response = await watch.stage('respond', () => respondRefusal(refusal));
    this.#ended(id, watch, response);
    return response;
  }

  #ended(request: string, watch: RequestWatch, { status, body: { errors = [] } }: FinalResponse): void {
    const codes = [...new Set(errors.map(({ extensions }) => extensions?.code).filter(isErrorCode))];
    const outcome = outcomeOf(status, codes);
    watch.ended(outcome, codes[0]);
    // What is answered stands in the access log; an operator who looks for something can have it here too.
    this.#parts.operatorLog[outcome === 'REFUSED' ? 'info' : 'debug']({ request, outcome, codes }, 'a request ended');
  }

  /** Once for each field of a custodian, wherever in the operation it is asked for. */
  #countWithheld(withheld: readonly Withheld[]): void {
    const once = new Map(withheld.map((entry) => [`${entry.custodian} ${entry.coordinate}`, entry]));
    for (const { coordinate, custodian = '', reason } of once.values())
      this.#parts.instruments.metrics.count('amana_gateway_withheld_total', { coordinate, custodian, reason });
  }
}
