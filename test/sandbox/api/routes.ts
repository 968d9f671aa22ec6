import { functionRoutes } from './functions.ts';
import { organizationRoutes } from './organizations.ts';
import { profileRoutes } from './profile.ts';
import { projectRoutes } from './projects.ts';
import type { Route } from './route.ts';
import { secretRoutes } from './secrets.ts';

/** Every endpoint that the sandbox speaks. */
export const routes: readonly Route[] = [
  ...profileRoutes,
  ...organizationRoutes,
  ...projectRoutes,
  ...functionRoutes,
  ...secretRoutes,
];
