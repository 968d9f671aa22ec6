import type { Organization, ProjectState } from '../state.ts';
import { json, Refusal } from './answer.ts';
import { param, type Route, type Visit } from './route.ts';

export const organizationRoutes: Route[] = [
  {
    method: 'GET',
    path: '/v1/organizations',
    permissions: [['organizations_read']],
    handle: (visit) =>
      json(
        200,
        [...visit.world.state.organizations.values()]
          .filter((organization) => visit.account.organizations.includes(organization.slug))
          .map(({ id, slug, name }) => ({ id, slug, name })),
      ),
  },
  {
    method: 'GET',
    path: '/v1/organizations/{slug}',
    permissions: [['organization_admin_read']],
    handle: (visit) => {
      const { id, name } = visibleOrganization(visit);
      return json(200, { id, name, plan: 'pro', opt_in_tags: [], allowed_release_channels: ['ga'] });
    },
  },
  {
    method: 'GET',
    path: '/v1/organizations/{slug}/projects',
    permissions: [['organization_projects_read']],
    handle: (visit) => json(200, projectsPage(visit, visibleOrganization(visit))),
  },
];

function visibleOrganization(visit: Visit): Organization {
  const organization = visit.world.state.organizations.get(param(visit, 'slug'));
  if (organization === undefined) {
    throw new Refusal(404, 'Organization not found');
  }
  if (!visit.account.organizations.includes(organization.slug)) {
    throw new Refusal(403, 'Forbidden action');
  }
  return organization;
}

/** Offset-based pages; preview branches are listed beside their parents with `is_branch`. */
function projectsPage(visit: Visit, organization: Organization): unknown {
  const { query } = visit.call;
  const offset = boundedNumber(query, 'offset', 0, 0, Number.MAX_SAFE_INTEGER);
  const limit = boundedNumber(query, 'limit', 100, 1, 100);
  const search = (query.get('search') ?? '').toLowerCase();
  const statuses = query.get('statuses')?.split(',');
  const found = [...visit.world.state.projects.values()]
    .filter((project) => project.organization.slug === organization.slug)
    .filter((project) => project.name.toLowerCase().includes(search) || project.ref.includes(search))
    .filter((project) => statuses?.includes(project.status) ?? true)
    .sort(order(query.get('sort') ?? 'name_asc'));
  return {
    projects: found.slice(offset, offset + limit).map((project) => organizationProject(visit, project)),
    pagination: { count: found.length, limit, offset },
  };
}

function boundedNumber(query: URLSearchParams, name: string, fallback: number, least: number, most: number): number {
  const text = query.get(name);
  const value = text === null ? fallback : Number(text);
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new Refusal(400, `${name}: must be an integer between ${least} and ${most}`);
  }
  return value;
}

function order(sort: string): (a: ProjectState, b: ProjectState) => number {
  const key = sort.startsWith('created') ? 'created_at' : 'name';
  const sign = sort.endsWith('_desc') ? -1 : 1;
  return (a, b) => sign * a[key].localeCompare(b[key]);
}

function organizationProject(visit: Visit, project: ProjectState): unknown {
  const isBranch = visit.world.state.branches.some((branch) => branch.project_ref === project.ref && !branch.is_default);
  return {
    ref: project.ref,
    name: project.name,
    cloud_provider: 'AWS',
    region: project.region,
    is_branch: isBranch,
    status: project.status,
    inserted_at: project.created_at,
    databases: [
      {
        infra_compute_size: 'small',
        region: project.region,
        status: project.status,
        cloud_provider: 'AWS',
        identifier: project.ref,
        type: 'PRIMARY',
      },
    ],
  };
}
