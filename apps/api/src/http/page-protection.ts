import helmet from 'helmet';

/**
 * Headers of everything that Express answers. No policy names another host, so no page can load anything from elsewhere;
 * pages of ours tighten it. `Strict-Transport-Security` is not ours to send: this speaks plain HTTP, and the host whose
 * name it would bind, subdomains included, is that of the proxy in front.
 */
export const pageProtection = helmet({
  strictTransportSecurity: false,
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'self'"],
      baseUri: ["'self'"],
      fontSrc: ["'self'", 'data:'],
      formAction: ["'self'"],
      frameAncestors: ["'self'"],
      imgSrc: ["'self'", 'data:'],
      objectSrc: ["'none'"],
      scriptSrc: ["'self'"],
      scriptSrcAttr: ["'none'"],
      // The queue board and the API reference set styles of elements.
      styleSrc: ["'self'", "'unsafe-inline'"],
    },
  },
});
