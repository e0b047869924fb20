/** As compilers name a machine: x86_64-conda-linux-gnu, arm64-apple-darwin20.0.0. At least three parts, so no host's name. */
const machineTriple =
  /^(x86_64|i[3-6]86|aarch64|arm64|armv?\w*|powerpc64le|ppc64le|s390x|riscv64)-[\w.]+-(linux|darwin|freebsd|gnu|musl|mingw|windows)[\w.]*(-[\w.]+)?$/;
const serviceLink = /^(tcp|udp|sctp):\/\//i;
const quoted = /^(["']).*\1$/s;

/**
 * Recognises values that nobody wrote for us, or that a tool has changed on the way, and says where they come from;
 * undefined when there is nothing of the kind. Never repeats a value that may be a secret.
 */
export function mistakenValue(name: string, value: string): string | undefined {
  if (quoted.test(value)) {
    return 'must be without the quotes around it: they are part of the value here. `docker --env-file` takes a line as it stands, so write NAME=value';
  }
  if (/(^|_)PORT$/.test(name) && serviceLink.test(value)) {
    const service = name
      .replace(/_PORT$/, '')
      .toLowerCase()
      .replaceAll('_', '-');
    return `must be a port, and is ${value}: Kubernetes sets ${name} to that (a service link), because a Service in the namespace is called "${service}". Set \`enableServiceLinks: false\` in the pod's spec, or set ${name} there`;
  }
  if (name === 'HOST' && machineTriple.test(value)) {
    return `must be an address of this machine, and is ${value}, the name of a kind of machine: conda and other compilers' environments set HOST to that. Unset it, or set HOST=127.0.0.1`;
  }
  return undefined;
}
