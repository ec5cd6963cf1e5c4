import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** One metric: what it says, and where each of its labels takes its values from, which is never a client's request. */
export interface MetricDefinition {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The metrics of a program by their names. */
export type MetricTable = Readonly<Record<string, MetricDefinition>>;

/** Histograms here are of durations; the upper bounds of their buckets, in seconds. */
export const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

type OfType<Table extends MetricTable, Type extends MetricDefinition['type']> = {
  [Name in keyof Table]: Table[Name]['type'] extends Type ? Name : never;
}[keyof Table] &
  string;
type LabelsOf<Table extends MetricTable, Name extends keyof Table> = Readonly<
  Record<keyof Table[Name]['labels'] & string, string>
>;
/** One value of a gauge with its labels. */
export interface Reading<Labels> {
  readonly labels: Labels;
  readonly value: number;
}

/** The metrics of one program as a table defines them, in the text format of Prometheus. */
export class Metrics<Table extends MetricTable> {
  readonly #registry = new Registry();
  readonly #table: Table;
  readonly #counters = new Map<string, Counter>();
  readonly #histograms = new Map<string, Histogram>();

  constructor(table: Table) {
    this.#table = table;
    for (const [name, { type, help, labels }] of Object.entries(table)) {
      const given = { name, help, labelNames: Object.keys(labels), registers: [this.#registry] };
      if (type === 'counter') this.#counters.set(name, new Counter(given));
      if (type === 'histogram') this.#histograms.set(name, new Histogram({ ...given, buckets: BUCKETS }));
    }
  }

  /** Counts one more. */
  count<Name extends OfType<Table, 'counter'>>(name: Name, labels: LabelsOf<Table, Name>): void {
    this.#counters.get(name)?.inc(labels);
  }

  /** Enters a duration, in milliseconds. */
  time<Name extends OfType<Table, 'histogram'>>(name: Name, labels: LabelsOf<Table, Name>, milliseconds: number): void {
    this.#histograms.get(name)?.observe(labels, milliseconds / 1000);
  }

  /** Has a gauge read whenever the metrics are. */
  read<Name extends OfType<Table, 'gauge'>>(
    name: Name,
    readings: () => readonly Reading<LabelsOf<Table, Name>>[] | Promise<readonly Reading<LabelsOf<Table, Name>>[]>,
  ): void {
    const { help, labels = {} } = this.#table[name] ?? {};
    const gauge = new Gauge({
      name,
      help: help ?? '',
      labelNames: Object.keys(labels),
      registers: [],
      async collect() {
        this.reset();
        for (const { labels, value } of await readings()) this.set(labels, value);
      },
    });
    this.#registry.registerMetric(gauge);
  }

  /** Adds the metrics of the process itself: CPU, memory, event loop, garbage collection. */
  includeProcess(): void {
    collectDefaultMetrics({ register: this.#registry });
  }

  /** The text exposition format. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }
}
