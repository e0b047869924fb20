import { z } from 'zod';
import type { ZodOpenApiPathItemObject, ZodOpenApiPathsObject } from 'zod-openapi';
import { problems } from './problems.ts';

const notBuilt = problems([503, 'Its build is missing.']);

const page = (operationId: string, summary: string, refusals = {}): ZodOpenApiPathItemObject => ({
  get: {
    tags: ['Pages'],
    operationId,
    summary,
    security: [],
    responses: {
      '200': { description: 'The page.', content: { 'text/html': { schema: z.string() } } },
      ...refusals,
    },
  },
});

export const pagePaths: ZodOpenApiPathsObject = {
  '/': page('dashboard', 'The dashboard, a page', notBuilt),
  '/docs': page('reference', 'This reference, a page'),
  '/openapi.json': {
    get: {
      tags: ['Pages'],
      operationId: 'openapi',
      summary: 'This reference as OpenAPI 3.1',
      security: [],
      responses: {
        '200': {
          description: 'The document.',
          content: { 'application/json': { schema: z.looseObject({ openapi: z.string() }) } },
        },
      },
    },
  },
};
