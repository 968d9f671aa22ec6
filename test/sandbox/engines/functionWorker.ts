/** One Deno process that serves one version of one function. */
import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { packageFolder } from '../../world/provision.ts';
import type { DeployedFunction } from '../types.ts';
import type { WorkerReport } from './functionBootstrap.ts';
import { spawnTethered, type Tethered } from './tethered.ts';

/** What a worker says of itself, in the words of the hosted runtime's log. `time` is epoch milliseconds. */
export interface WorkerEvent {
  type: 'Boot' | 'BootFailure' | 'Log' | 'UncaughtException' | 'Shutdown';
  level: 'debug' | 'log' | 'info' | 'warning' | 'error';
  message: string;
  time: number;
}

export interface FunctionWorker {
  readonly port: number;
  /** Resolves when the process is gone, wanted or not. */
  readonly exited: Promise<unknown>;
  /** Logs the shutdown and ends the process. */
  end(): Promise<void>;
}

/** Why no worker stands: `code` as the platform answers it. */
export class WorkerRefusal extends Error {
  readonly code: 'BOOT_ERROR' | 'WORKER_ERROR';

  constructor(code: 'BOOT_ERROR' | 'WORKER_ERROR') {
    super(code);
    this.code = code;
  }
}

export interface WorkerPlan {
  fn: DeployedFunction;
  ref: string;
  environment: Record<string, string>;
  /** Where functions are laid out; Deno's own cache lies there too. */
  folder: string;
  emit(event: WorkerEvent): void;
}

/** Longest time from start to listening; an endless loop at the top of a module is a failed boot. */
const bootLimitMs = 10_000;

/** Throws `WorkerRefusal` when the code does not load or ends by itself; the reason goes to the log. */
export async function startFunctionWorker(plan: WorkerPlan): Promise<FunctionWorker> {
  const started = Date.now();
  const mark = `${randomUUID()} `;
  const child = spawnTethered(path.join(packageFolder('deno'), 'deno'), await denoArguments(plan, mark), {
    endSignal: 'TERM',
    environment: { ...plan.environment, DENO_DIR: path.join(plan.folder, 'deno'), DENO_NO_UPDATE_CHECK: '1', NO_COLOR: '1' },
    directory: plan.folder,
  });
  const port = await listening(plan, child, mark);
  plan.emit({ type: 'Boot', level: 'log', message: `booted (time: ${Date.now() - started}ms)`, time: started });
  return {
    port,
    exited: child.exited,
    end: async () => {
      plan.emit({ type: 'Shutdown', level: 'log', message: 'shutdown', time: Date.now() });
      await child.end(1000);
    },
  };
}

/** Deno reads the function's own files and speaks on loopback; it writes, runs and fetches code from nowhere. */
async function denoArguments(plan: WorkerPlan, mark: string): Promise<string[]> {
  const { fn } = plan;
  const source = await layOut(plan);
  const map = fn.import_map_path;
  const mapFlag = map !== undefined && /\bdeno\.jsonc?$/.test(map) ? '--config' : '--import-map';
  return [
    'run', '--no-prompt', '--no-remote', '--no-npm', '--no-lock', '--allow-env', '--allow-net=127.0.0.1,localhost',
    `--allow-read=${source}`,
    ...(map === undefined || map === '' ? ['--no-config'] : [mapFlag, path.join(source, map)]),
    path.join(import.meta.dirname, 'functionBootstrap.ts'),
    mark,
    pathToFileURL(path.join(source, fn.entrypoint_path)).href,
  ];
}

/** As the platform lays out what was deployed: `user_fn_<ref>_<id>_<version>/source/…`. Returns the `source` folder. */
async function layOut(plan: WorkerPlan): Promise<string> {
  const { fn } = plan;
  const source = path.join(plan.folder, `user_fn_${plan.ref}_${fn.id}_${fn.version}`, 'source');
  for (const [name, content] of fn.files) {
    const file = path.resolve(source, name);
    if (!file.startsWith(source + path.sep)) {
      throw new Error(`${fn.slug}: the deployed path ${name} leads out of the function's folder`);
    }
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  }
  return source;
}

/** Follows the process; resolves with its port, rejects with `WorkerRefusal` when it ends or stalls before it listens. */
function listening(plan: WorkerPlan, child: Tethered, mark: string): Promise<number> {
  return new Promise((resolve, reject) => {
    let fate: 'booting' | 'listening' | WorkerRefusal['code'] = 'booting';
    let words = '';
    const publish = (event: WorkerEvent) => plan.emit({ ...event, message: hostedPaths(event.message, plan.folder) });
    const limit = setTimeout(() => void child.end(0), bootLimitMs);
    readLines(child.process.stdout, (line) => {
      const report = line.startsWith(mark) ? (JSON.parse(line.slice(mark.length)) as WorkerReport) : undefined;
      if (report?.kind === 'listening') {
        fate = 'listening';
        clearTimeout(limit);
        resolve(report.port);
      } else {
        publish(report === undefined ? plainLine('info', line) : eventOf(report));
        fate = fateAfter(report) ?? fate;
      }
    });
    readLines(child.process.stderr, (line) => {
      words += `${line}\n`;
      // The shell's word on a worker that is ended for a newer one.
      if (line !== 'Terminated') {
        publish(plainLine('error', line));
      }
    }, joinTraces);
    child.process.once('close', () => {
      clearTimeout(limit);
      if (fate === 'booting') {
        // Deno itself gave up, e.g. on an import map that is no JSON, or the limit was reached.
        const reason = words.trim() || `not listening after ${bootLimitMs} ms`;
        publish({ type: 'BootFailure', level: 'error', message: `worker boot error: ${reason}`, time: Date.now() });
      }
      reject(new WorkerRefusal(fate === 'WORKER_ERROR' ? fate : 'BOOT_ERROR'));
    });
  });
}

function fateAfter(report: WorkerReport | undefined): WorkerRefusal['code'] | undefined {
  switch (report?.kind) {
    case 'uncaught':
      return 'WORKER_ERROR';
    case 'boot failure':
      return 'BOOT_ERROR';
    default:
      return undefined;
  }
}

function eventOf(report: Exclude<WorkerReport, { kind: 'listening' }>): WorkerEvent {
  const { message, time } = report;
  switch (report.kind) {
    case 'console':
      return { type: 'Log', level: report.level, message: `${message}\n`, time };
    case 'boot failure':
      return { type: 'BootFailure', level: 'error', message: `worker boot error: ${message}`, time };
    case 'uncaught':
      return { type: 'UncaughtException', level: 'error', message: `event loop error: ${message}`, time };
  }
}

function plainLine(level: 'info' | 'error', line: string): WorkerEvent {
  return { type: 'Log', level, message: `${line}\n`, time: Date.now() };
}

/** Stack traces name the platform's folder, not one of this machine, and only the function's own code. */
function hostedPaths(message: string, folder: string): string {
  return message.replace(/\n +at [^\n]*functionBootstrap\.ts:\d+:\d+\)?(?=\n|$)/g, '').replaceAll(folder, '/tmp');
}

/** A stack trace, which Deno writes at once, is one event, as in the hosted log. */
function joinTraces(lines: string[]): string[] {
  return lines.length === 0 ? [] : lines.join('\n').split(/\n(?! +at )/);
}

/** Lines end in a line feed alone: JSON may hold other separators of lines as they are. */
function readLines(stream: Readable | null, take: (line: string) => void, join: (lines: string[]) => string[] = (lines) => lines): void {
  let rest = '';
  stream?.setEncoding('utf8');
  stream?.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    join(lines).forEach(take);
  });
  stream?.on('end', () => {
    if (rest !== '') {
      take(rest);
    }
  });
}
