import type { ProjectState } from '../state.ts';
import { json, Refusal, type Answer } from './answer.ts';
import { isRecord, jsonBody } from './call.ts';
import { databaseOf } from './database.ts';
import { lints, type Lint } from './lints.ts';
import type { Route, Visit } from './route.ts';

const permissions = [['advisors_read']];

/** The advisors of both API versions: SUPABASE.md §2. */
export const advisorRoutes: Route[] = [
  { method: 'GET', path: '/v1/projects/{ref}/advisors/security', permissions, handle: (visit) => ofCategory(visit, 'SECURITY') },
  { method: 'GET', path: '/v1/projects/{ref}/advisors/performance', permissions, handle: (visit) => ofCategory(visit, 'PERFORMANCE') },
  { method: 'POST', path: '/v2/projects/{ref}/advisors/run', permissions, handle: runNamed },
];

interface Finding {
  name: string;
  title: string;
  level: string;
  facing: 'EXTERNAL';
  categories: string[];
  description: string;
  detail: string;
  remediation: string;
  metadata?: Record<string, string>;
  cache_key: string;
  observed_at?: string;
}

async function ofCategory(visit: Visit, category: Lint['category']): Promise<Answer> {
  const wanted = lints.filter((lint) => lint.category === category);
  return json(200, { lints: (await Promise.all(wanted.map((lint) => findings(visit, lint)))).flat() });
}

async function findings(visit: Visit, lint: Lint): Promise<Finding[]> {
  const database = await databaseOf(visit);
  const answer = await database.query(lint.sql, { readOnly: false });
  if ('failure' in answer) {
    throw new Refusal(500, `Failed to run ${lint.name}: ${answer.failure.message}`);
  }
  return answer.rows.map((row) => {
    const [schema, name, type, detail] = [row['schema'], row['name'], row['type'], row['detail']].map(String);
    return {
      name: lint.name,
      title: lint.title,
      level: lint.level,
      facing: 'EXTERNAL',
      categories: [lint.category],
      description: lint.description,
      detail: detail ?? '',
      remediation: `https://supabase.com/docs/guides/database/database-linter?lint=${lint.page}`,
      metadata: { schema: schema ?? '', name: name ?? '', type: type ?? '' },
      cache_key: `${lint.name}_${schema}_${name}_${detail}`.replace(/\W+/g, '_'),
    };
  });
}

/** At most fifteen named lints; a name that this sandbox cannot look into is answered as a check that was not made. */
async function runNamed(visit: Visit): Promise<Answer> {
  const names = readNames(jsonBody(visit.call));
  const project = visit.project();
  const observed_at = new Date(visit.world.now()).toISOString();
  const found =
    project.status === 'ACTIVE_HEALTHY'
      ? (await Promise.all(names.map((name) => check(visit, name)))).flat()
      : [healthFinding(project, 'project_not_active', 'WARN', `The project is ${project.status}`)];
  return json(200, {
    data: { type: 'project_advisors', attributes: { lints: found.map((finding) => ({ ...finding, observed_at })) } },
  });
}

function readNames(body: unknown): string[] {
  const data = isRecord(body) ? body['data'] : undefined;
  const attributes = isRecord(data) ? data['attributes'] : undefined;
  const wanted = isRecord(attributes) ? attributes['lints'] : undefined;
  if (!Array.isArray(wanted) || wanted.length < 1 || wanted.length > 15) {
    throw new Refusal(400, 'data.attributes.lints: must name 1 to 15 lints');
  }
  return wanted.map((lint: unknown) => {
    const name = isRecord(lint) ? lint['name'] : undefined;
    if (typeof name !== 'string') {
      throw new Refusal(400, 'data.attributes.lints: each needs a name');
    }
    return name;
  });
}

async function check(visit: Visit, name: string): Promise<Finding[]> {
  const project = visit.project();
  const lint = lints.find((one) => one.name === name);
  if (lint !== undefined) {
    return findings(visit, lint);
  }
  switch (name) {
    case 'db_not_reachable':
    case 'instance_db_down':
      return (await reachable(visit)) ? [] : [healthFinding(project, name, 'ERROR', 'The database does not answer')];
    case 'log_edge_function_error_rate_high':
      return functionErrors(visit);
    default:
      return [healthFinding(project, 'advisor_check_unavailable', 'INFO', `${name} could not be checked`)];
  }
}

async function reachable(visit: Visit): Promise<boolean> {
  try {
    const database = await databaseOf(visit);
    return 'rows' in (await database.query('select 1', { readOnly: true }));
  } catch {
    return false;
  }
}

/** One finding when more than one in twenty invocations of the last hour ended in a server error. */
async function functionErrors(visit: Visit): Promise<Finding[]> {
  const project = visit.project();
  const { logs } = visit.world.engines;
  const name = 'log_edge_function_error_rate_high';
  if (logs === undefined || project.ref !== visit.world.ref) {
    return [healthFinding(project, 'advisor_check_unavailable', 'INFO', `${name} could not be checked`)];
  }
  const to = visit.world.now();
  const sql =
    "select count() as total, countIf(toInt32OrZero(log_attributes['response.status_code']) >= 500) as failed"
    + " from logs where source = 'function_edge_logs' limit 1";
  const answer = await logs.query(sql, { from: to - 3_600_000, to });
  const row = 'result' in answer ? answer.result[0] : undefined;
  const [total, failed] = [Number(row?.['total'] ?? 0), Number(row?.['failed'] ?? 0)];
  const high = total > 0 && failed / total > 0.05;
  return high ? [healthFinding(project, name, 'WARN', `${failed} of ${total} invocations failed in the last hour`)] : [];
}

function healthFinding(project: ProjectState, name: string, level: string, detail: string): Finding {
  return {
    name,
    title: name.replaceAll('_', ' '),
    level,
    facing: 'EXTERNAL',
    categories: ['HEALTH'],
    description: 'A check of the running project.',
    detail,
    remediation: 'https://supabase.com/docs/guides/observability/health-advisor',
    metadata: { type: 'health', entity: project.ref },
    cache_key: `${name}_${project.ref}`,
  };
}
