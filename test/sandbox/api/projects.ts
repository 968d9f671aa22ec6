import { type BranchState, type ProjectState, type World } from '../state.ts';
import { json, Refusal, type Answer } from './answer.ts';
import { isRecord, jsonBody } from './call.ts';
import { param, type Route, type Visit } from './route.ts';

/** Project, and the preview branches that are projects of their own. */
export const projectRoutes: Route[] = [
  {
    method: 'GET',
    path: '/v1/projects',
    permissions: [['projects_read']],
    handle: (visit) =>
      json(
        200,
        [...visit.world.state.projects.values()]
          .filter((project) => visit.account.organizations.includes(project.organization.slug))
          .map(toApi),
      ),
  },
  {
    method: 'GET',
    path: '/v1/projects/{ref}',
    permissions: [['project_admin_read']],
    handle: (visit) => json(200, toApi(visit.project())),
  },
  { method: 'PATCH', path: '/v1/projects/{ref}', permissions: [['project_admin_write']], handle: rename },
  {
    method: 'GET',
    path: '/v1/projects/{ref}/branches',
    permissions: branchPermissions('read'),
    handle: (visit) => json(200, branchesOf(visit).map((branch) => branchToApi(visit.world, branch))),
  },
  {
    method: 'GET',
    path: '/v1/projects/{ref}/branches/{name}',
    permissions: branchPermissions('read'),
    handle: (visit) => {
      const branch = branchesOf(visit).find((one) => one.name === param(visit, 'name'));
      if (branch === undefined) {
        throw new Refusal(404, 'Branch not found');
      }
      return json(200, branchToApi(visit.world, branch));
    },
  },
  {
    method: 'GET',
    path: '/v1/branches/{branch_id_or_ref}',
    permissions: branchPermissions('read'),
    handle: branchConfig,
  },
];

function branchPermissions(right: 'read' | 'write'): string[][] {
  return [[`branching_development_${right}`], [`branching_production_${right}`]];
}

function rename(visit: Visit): Answer {
  const body = jsonBody(visit.call);
  const name = isRecord(body) ? body['name'] : undefined;
  if (typeof name !== 'string' || name.length < 1 || name.length > 256) {
    throw new Refusal(400, 'name: must be a string of 1 to 256 characters');
  }
  const project = visit.project();
  project.name = name;
  return json(200, { id: 1, ref: project.ref, name });
}

function toApi(project: ProjectState): unknown {
  return {
    id: project.ref,
    ref: project.ref,
    organization_id: project.organization.id,
    organization_slug: project.organization.slug,
    name: project.name,
    region: project.region,
    created_at: project.created_at,
    status: project.status,
    database: {
      host: databaseHost(project.ref),
      version: '17.6.1.054',
      postgres_engine: '17',
      release_channel: 'ga',
    },
  };
}

/** The direct host is not to be reached, as the hosted one is not over IPv4: the pooler's address is what works. */
export function databaseHost(ref: string): string {
  return `db.${ref}.supabase.test`;
}

function branchesOf(visit: Visit): BranchState[] {
  const { state } = visit.world;
  if (!state.branchingEnabled) {
    throw new Refusal(422, 'Preview branching is not enabled for this project.');
  }
  const { ref } = visit.project();
  return state.branches.filter((branch) => branch.parent_project_ref === ref);
}

function branchToApi(world: World, branch: BranchState): unknown {
  return {
    ...branch,
    with_data: false,
    preview_project_status: world.state.projects.get(branch.project_ref)?.status ?? 'UNKNOWN',
  };
}

/** By branch id or by the ref of its project; says where the branch's database is. */
function branchConfig(visit: Visit): Answer {
  const wanted = param(visit, 'branch_id_or_ref');
  const branch = visit.world.state.branches.find((one) => one.id === wanted || one.project_ref === wanted);
  const project = branch === undefined ? undefined : visit.world.state.projects.get(branch.project_ref);
  if (project === undefined || !visit.account.organizations.includes(project.organization.slug)) {
    throw new Refusal(404, 'Branch not found');
  }
  return json(200, {
    ref: project.ref,
    postgres_version: '17.6.1.054',
    postgres_engine: '17',
    release_channel: 'ga',
    status: project.status,
    db_host: databaseHost(project.ref),
    db_port: 5432,
    db_user: 'postgres',
    db_pass: project.keys.databasePassword,
    jwt_secret: project.keys.jwtSecret,
  });
}
