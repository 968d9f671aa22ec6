/**
 * Rows of `function_edge_logs` (one per invocation) and `function_logs` (what the function printed, and the worker's
 * start and end), with the keys that the hosted ones have.
 */
import type { LogRow } from '../../types.ts';
import { address, moment, row, severityOfStatus } from './story.ts';
import type { LoggedFunction, Minute, RowMaker, Story } from './story.ts';

interface Outcome {
  weight: number;
  status: number;
  /** Printed by the function; without it nothing is. */
  says?: { level: 'info' | 'warning' | 'error'; words: string };
  /** Median time in ms when it is not the function's usual one. */
  takes?: number;
  /** The platform's own code, in the answer's header `sb-error-code`. */
  platformCode?: string;
}

interface Behaviour {
  /** Invocations per minute at full load. */
  rate: number;
  method: string;
  /** Median time in ms. */
  takes: number;
  outcomes: Outcome[];
}

const ok = (weight: number, words?: string, status = 200): Outcome =>
  words === undefined ? { weight, status } : { weight, status, says: { level: 'info', words } };

const behaviours: Record<string, Behaviour> = {
  health: { rate: 5, method: 'GET', takes: 38, outcomes: [ok(1)] },
  'mint-token': {
    rate: 5, method: 'POST', takes: 240,
    outcomes: [
      ok(96, 'token minted {"symbol":"CMT","saved":true}', 201),
      { weight: 3.6, status: 422, says: { level: 'warning', words: 'mint refused: name, symbol or wallet is not valid {}' } },
      { weight: 0.4, status: 504, takes: 150_000, platformCode: 'IDLE_TIMEOUT' },
    ],
  },
  'generate-image': {
    rate: 3, method: 'POST', takes: 780,
    outcomes: [
      { weight: 95, status: 200, says: { level: 'warning', words: 'OPENAI_API_KEY is not set: drawing a placeholder {}' } },
      { weight: 4, status: 400 },
      { weight: 1, status: 546, takes: 2300, platformCode: 'WORKER_RESOURCE_LIMIT' },
    ],
  },
  'payments-circle-webhook': {
    rate: 2.5, method: 'POST', takes: 120,
    outcomes: [
      ok(93, 'event processed {"eventType":"payments.confirmed"}'),
      ok(4, 'event ignored {"eventType":"wallets.archived"}', 202),
      { weight: 3, status: 401, says: { level: 'warning', words: 'Invalid signature {"from":"198.51.100.9"}' } },
    ],
  },
  auth: {
    rate: 3, method: 'POST', takes: 55,
    outcomes: [
      ok(93),
      { weight: 5.5, status: 401, says: { level: 'warning', words: 'Sign-in failed: wallet signature missing or too short {}' } },
      { weight: 1.5, status: 429, says: { level: 'warning', words: 'Sign-in failed: too many tries {"who":"198.51.100.77"}' } },
    ],
  },
  'upload-metadata': {
    rate: 1.5, method: 'POST', takes: 310,
    outcomes: [ok(98, 'metadata stored {"bytes":1840}', 201), { weight: 2, status: 413, says: { level: 'warning', words: 'metadata too large {"bytes":10911230}' } }],
  },
  'generate-valuation-pdf': {
    rate: 1.2, method: 'POST', takes: 2300,
    outcomes: [
      ok(96, 'report written {"bytes":1411}'),
      { weight: 2, status: 200, takes: 11_800, says: { level: 'info', words: 'report written {"bytes":98211}' } },
      { weight: 1.4, status: 422, says: { level: 'warning', words: 'valuation refused: VIN, amount or mileage missing {}' } },
      { weight: 0.6, status: 500, says: { level: 'error', words: 'RangeError: Invalid array length' } },
    ],
  },
  'test-email-integration': {
    rate: 0.1, method: 'POST', takes: 900,
    outcomes: [ok(97, 'test mail sent {}'), { weight: 3, status: 503, says: { level: 'error', words: 'test mail refused {}' } }],
  },
  'legacy-export': { rate: 0.06, method: 'GET', takes: 20, outcomes: [ok(1)] },
};

/** A worker is started for about one invocation in sixteen. */
const coldStarts = 0.06;
const region = 'eu-central-1';

/** Invocations of every deployed function within one minute. */
export const invocations: RowMaker = (minute, story) =>
  story.functions.flatMap((fn) => {
    const behaviour = behaviours[fn.slug];
    const times = behaviour ? minute.random.count(behaviour.rate * minute.load) : 0;
    return behaviour ? Array.from({ length: times }, () => invocation(minute, story, fn, behaviour)).flat() : [];
  });

interface Call {
  minute: Minute;
  started: number;
  /** Attributes that all rows of the call carry. */
  shared: Record<string, string>;
}

function invocation(minute: Minute, story: Story, fn: LoggedFunction, behaviour: Behaviour): LogRow[] {
  const { random } = minute;
  const broken = isBroken(minute, story, fn);
  const version = fn.slug === 'mint-token' && !broken ? fn.version - 1 : fn.version;
  const call: Call = {
    minute,
    started: moment(minute),
    shared: {
      project_ref: story.ref,
      function_id: fn.id,
      version: String(version),
      deployment_id: `${story.ref}_${fn.id}_${version}`,
      execution_id: random.uuid(),
      region,
    },
  };
  const outcome: Outcome = broken
    ? { weight: 1, status: 500, takes: 9, says: { level: 'error', words: story.breakingError } }
    : random.weighted(behaviour.outcomes);
  const cold = random.chance(coldStarts) ? random.duration(180) : 0;
  // What the platform ends, it ends at its limit.
  const took = cold + (outcome.platformCode === undefined ? random.duration(outcome.takes ?? behaviour.takes) : outcome.takes ?? 0);
  return [...printed(call, outcome, cold, took), edgeRow(call, story.ref, fn.slug, behaviour.method, outcome, took)];
}

/**
 * Whether an invocation of `mint-token` reaches the faulty version: none before the deploy, about one in fourteen while
 * workers of the version before are still warm, all of them in the last twelve minutes.
 */
function isBroken(minute: Minute, story: Story, fn: LoggedFunction): boolean {
  if (fn.slug !== 'mint-token' || minute.hoursAgo >= story.breakingDeployHours) {
    return false;
  }
  return minute.hoursAgo <= 12 / 60 || minute.random.chance(0.07);
}

function printed(call: Call, outcome: Outcome, cold: number, took: number): LogRow[] {
  const rows: LogRow[] = [];
  if (cold > 0) {
    rows.push(consoleRow(call, call.started + cold, 'Boot', 'log', `booted (time: ${cold}ms)`));
    rows.push(consoleRow(call, call.started + took + 200, 'Shutdown', 'log', 'shutdown'));
  }
  if (outcome.says) {
    rows.push(consoleRow(call, call.started + took - 1, 'Log', outcome.says.level, outcome.says.words));
  }
  return rows;
}

function consoleRow(call: Call, time: number, event: string, level: string, message: string): LogRow {
  const severity = level === 'error' ? 'ERROR' : level === 'warning' ? 'WARN' : 'INFO';
  return row(call.minute, 'function_logs', time, severity, message, {
    ...call.shared,
    event_type: event,
    level,
    timestamp: String(time * 1000),
  });
}

function edgeRow(call: Call, ref: string, slug: string, method: string, outcome: Outcome, took: number): LogRow {
  const host = `${ref}.supabase.co`;
  const url = `https://${host}/functions/v1/${slug}`;
  const attributes = {
    ...call.shared,
    execution_time_ms: String(took),
    'request.method': method,
    'request.pathname': `/functions/v1/${slug}`,
    'request.url': url,
    'request.host': host,
    'request.protocol': 'https:',
    'request.headers.x_real_ip': address(call.minute.random),
    'response.status_code': String(outcome.status),
    'response.headers.x_sb_edge_region': region,
    ...(outcome.platformCode === undefined ? {} : { 'response.headers.sb_error_code': outcome.platformCode }),
  };
  const message = `${method} | ${outcome.status} | ${url}`;
  return row(call.minute, 'function_edge_logs', call.started + took, severityOfStatus(outcome.status), message, attributes);
}
