const pages = [
  ['Dashboard', '/'],
  ['Queue board', '/admin/queues'],
  ['API reference', '/docs'],
] as const;

export const addresses = (url: string): string =>
  pages.map(([name, path]) => `  ${name.padEnd(16)}${url}${path}`).join('\n');

/**
 * Links that sign a browser in. The token is in the fragment: it is sent to no server and stands in no log of one, and the
 * dashboard takes it out of the address at once.
 */
export function adminLinks(url: string, token: string): string {
  const links = [
    ['Dashboard', `#token=${token}`],
    ['Queue board', `#token=${token}&to=/admin/queues`],
  ];
  return links.map(([name = '', fragment]) => `  ${name.padEnd(16)}${url}/${fragment}`).join('\n');
}
