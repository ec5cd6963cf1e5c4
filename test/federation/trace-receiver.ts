import { appendFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Where traces are delivered by OTLP over HTTP. */
export interface TraceReceiver {
  readonly endpoint: string;
  close(): Promise<void>;
}

/** A span as it was delivered, with the program that it came from. */
export interface ReceivedSpan {
  readonly program: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly status?: { readonly code?: number; readonly message?: string };
  readonly events?: readonly unknown[];
  readonly links?: readonly unknown[];
}

/** Receives traces and writes every delivery to a file, a line each. */
export async function traceReceiver(file: string): Promise<TraceReceiver> {
  writeFileSync(file, '');
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    appendFileSync(file, `${Buffer.concat(chunks).toString()}\n`);
    outgoing.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

/** The spans of a file that a receiver has written. */
export function spansIn(text: string): ReceivedSpan[] {
  const values = (attributes: { key: string; value: object }[] = []) =>
    Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
  return text
    .split('\n')
    .filter(Boolean)
    .flatMap((line) => JSON.parse(line).resourceSpans)
    .flatMap(({ resource, scopeSpans }) => {
      const own = values(resource.attributes);
      const program = String(own['service.instance.id'] ?? own['service.name']);
      return scopeSpans.flatMap(({ spans }: { spans: { attributes: { key: string; value: object }[] }[] }) =>
        spans.map((span) => ({ ...span, program, attributes: values(span.attributes) })),
      );
    });
}
