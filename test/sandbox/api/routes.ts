import { advisorRoutes } from './advisors.ts';
import { analyticsRoutes } from './analytics.ts';
import { apiKeyRoutes } from './apiKeys.ts';
import { configRoutes } from './config.ts';
import { databaseRoutes } from './database.ts';
import { functionRoutes } from './functions.ts';
import { healthRoutes } from './health.ts';
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
  ...healthRoutes,
  ...functionRoutes,
  ...secretRoutes,
  ...databaseRoutes,
  ...analyticsRoutes,
  ...advisorRoutes,
  ...apiKeyRoutes,
  ...configRoutes,
];
