import { isIP } from 'node:net';
import { z } from 'zod';

/** RFC 1123, and the underscore that Docker and Windows allow. */
const label = '[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?';
const hostName = new RegExp(`^(?=.{1,253}$)${label}(\\.${label})*\\.?$`, 'i');

/** The variable HOST: what a listener binds. */
export const hostVariable = z
  .string()
  .default('127.0.0.1')
  .refine(
    (host) => isIP(host) !== 0 || hostName.test(host),
    'must be an address or a name of this machine, such as 127.0.0.1, 0.0.0.0 or ::, without a port',
  );
