/**
 * First module of every function's Deno process: gives `Deno.serve` a port of the system's choice, and reports what the
 * function says and how it fares on standard output, one JSON line each behind a mark that the function does not know.
 *
 * Arguments: the mark, and the URL of the function's entry point. Runs in Deno, not in Node.
 */
import { format } from 'node:util';

/** One line on standard output. `time` is epoch milliseconds. */
export type WorkerReport =
  | { kind: 'listening'; port: number; time: number }
  | { kind: 'console'; level: 'debug' | 'info' | 'warning' | 'error'; message: string; time: number }
  /** The code could not be loaded, or it serves nothing. */
  | { kind: 'boot failure'; message: string; time: number }
  /** The code threw outside a request. */
  | { kind: 'uncaught'; message: string; time: number };

type Handler = (request: Request, info: unknown) => Response | Promise<Response>;

interface ServeOptions {
  handler?: Handler;
  onError?: (error: unknown) => Response | Promise<Response>;
}

interface DenoNamespace {
  args: string[];
  exit(code: number): never;
  stdout: { writeSync(bytes: Uint8Array): number };
  serve(options: object, handler: Handler): unknown;
}

declare const Deno: DenoNamespace;

interface FailureEvent {
  /** Of `error`. */
  error?: unknown;
  /** Of `unhandledrejection`. */
  reason?: unknown;
  preventDefault(): void;
}

declare function addEventListener(type: 'error' | 'unhandledrejection', listener: (event: FailureEvent) => void): void;

const [mark = '', entry = ''] = Deno.args;
const encoder = new TextEncoder();
const { serve, stdout, exit } = Deno;
let serves = false;

type Unstamped = WorkerReport extends infer Report ? (Report extends WorkerReport ? Omit<Report, 'time'> : never) : never;

function report(what: Unstamped): void {
  let bytes = encoder.encode(`${mark}${JSON.stringify({ ...what, time: Date.now() })}\n`);
  while (bytes.length > 0) {
    bytes = bytes.subarray(stdout.writeSync(bytes));
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? String(error)) : String(error);
}

/** Whether the error was thrown by running code, not by loading it: then its stack has frames of the function's own. */
function wasThrown(error: unknown): boolean {
  if (!(error instanceof Error)) {
    return true;
  }
  const stack = error.stack ?? '';
  const frames = stack.slice(stack.indexOf(error.message) + error.message.length);
  return frames.includes(entry.slice(0, entry.indexOf('/source/')));
}

function fail(error: unknown): never {
  report({ kind: wasThrown(error) ? 'uncaught' : 'boot failure', message: describe(error) });
  return exit(1);
}

function start(options: ServeOptions, handler: Handler): unknown {
  serves = true;
  const onListen = ({ port }: { port: number }) => report({ kind: 'listening', port });
  const own = options.onError === undefined ? {} : { onError: options.onError };
  return serve({ ...own, port: 0, hostname: '127.0.0.1', onListen }, handler);
}

/** All three forms: `serve(handler)`, `serve(options, handler)`, `serve({ handler })`. */
function serveAnywhere(first: Handler | ServeOptions, second?: Handler): unknown {
  const options = typeof first === 'function' ? {} : first;
  const handler = typeof first === 'function' ? first : (second ?? first.handler);
  if (handler === undefined) {
    throw new TypeError('A handler function must be provided.');
  }
  return start(options, handler);
}

const levels = { debug: 'debug', log: 'info', info: 'info', dir: 'info', trace: 'info', warn: 'warning', error: 'error' } as const;
for (const [method, level] of Object.entries(levels)) {
  Object.assign(console, {
    [method]: (...values: unknown[]) => report({ kind: 'console', level, message: format(...values) }),
  });
}
Object.assign(Deno, { serve: serveAnywhere });
for (const type of ['error', 'unhandledrejection'] as const) {
  addEventListener(type, (event) => {
    event.preventDefault();
    report({ kind: 'uncaught', message: describe(event.error ?? event.reason) });
    exit(1);
  });
}

try {
  const module = (await import(entry)) as { default?: { fetch?: Handler } };
  const exported = module.default?.fetch;
  if (!serves && typeof exported === 'function') {
    start({}, (request, info) => exported.call(module.default, request, info));
  }
  if (!serves) {
    report({ kind: 'boot failure', message: 'the function serves no requests' });
    exit(1);
  }
} catch (error) {
  fail(error);
}
