import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { problems } from './problems.ts';
import { adminToken } from './security.ts';

const cookie = (does: string) => ({
  description: does,
  headers: z.object({ 'set-cookie': z.string().meta({ description: 'HttpOnly, SameSite=Strict.' }) }),
});

export const adminSessionPaths: ZodOpenApiPathsObject = {
  '/admin/session': {
    post: {
      tags: ['Operations'],
      operationId: 'openAdminSession',
      summary: 'Exchanges an admin token for a cookie that is as good, for browsers',
      description:
        'No script can read the cookie, and pages of other sites cannot use it: changes are made from pages of the origin that opened the session.',
      security: [{ bearer: [] }],
      responses: { '204': cookie('The cookie is set.'), ...problems(401, 403) },
    },
    delete: {
      tags: ['Operations'],
      operationId: 'endAdminSession',
      summary: 'Makes the browser forget the cookie',
      security: adminToken,
      responses: { '204': cookie('The cookie is removed.'), ...problems(401, 403) },
    },
  },
};
