import { json } from './answer.ts';
import type { Route } from './route.ts';

export const profileRoutes: Route[] = [
  {
    method: 'GET',
    path: '/v1/profile',
    permissions: [],
    handle: ({ account }) =>
      json(200, { gotrue_id: account.id, primary_email: account.email, username: account.username }),
  },
];
