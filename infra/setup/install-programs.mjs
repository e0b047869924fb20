import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { runQuietly } from './run-quietly.mjs';
import { SetUpError } from './set-up-error.mjs';

const installLimitMs = 15 * 60_000;
const policyFile = '/usr/sbin/policy-rc.d';
const policyMark = '# left by the set-up of Event Tracker';
const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
const apt = ['-y', '-o', 'DPkg::Lock::Timeout=120', '-o', 'Acquire::Retries=3'];

/** Whether programs can be installed without asking: Debian and its kin, as root. */
const canInstall = () =>
  process.platform === 'linux' &&
  process.getuid?.() === 0 &&
  existsSync('/usr/bin/apt-get') &&
  existsSync('/usr/bin/dpkg');

/** Says of each what is missing and what to do. */
export function adviceOn(needs, why) {
  return needs.map((need) => need.advice({ ...need.find(), why })).join('\n\n');
}

/** Installs what these needs (of needs.mjs) ask for by apt, without starting a service. */
export async function installPrograms(needs, signal) {
  if (!canInstall()) throw new SetUpError(adviceOn(needs));
  const names = needs.map(({ name }) => name).join(', ');
  const run = (label, command, args) =>
    runQuietly(label, command, args, { env, limitMs: installLimitMs, signal });

  const update = await run(`Looking up ${names} (apt-get update)`, 'apt-get', ['update', ...apt]);
  const chosen = needs.map((need) => ({ need, package: choosePackage(need) }));
  const unknown = chosen.filter((choice) => !choice.package).map(({ need }) => need);
  if (unknown.length > 0) {
    const why = update.ok
      ? 'This release of the system offers none that is new enough.'
      : `apt-get update failed:\n${update.output.trim()}`;
    throw new SetUpError(adviceOn(unknown, why));
  }
  const packages = chosen.map((choice) => choice.package);
  const services = needs.flatMap((need) => need.services);
  const install = () =>
    withoutServices(services, () =>
      run(`Installing ${packages.join(', ')} (apt-get install)`, 'apt-get', [
        'install',
        '--no-install-recommends',
        ...apt,
        ...packages,
      ]),
    );
  let outcome = await install();
  if (!outcome.ok && /dpkg --configure -a/.test(outcome.output)) {
    // An install that was interrupted earlier, ours perhaps.
    await withoutServices(services, () =>
      run('Finishing an interrupted installation (dpkg --configure -a)', 'dpkg', ['--configure', '-a']),
    );
    outcome = await install();
  }
  if (!outcome.ok)
    throw new SetUpError(
      adviceOn(needs, `apt-get install ${packages.join(' ')} failed:\n${outcome.output.trim()}`),
    );
  console.log(`${packages.join(', ')} installed in ${outcome.seconds} s.`);
}

const choosePackage = ({ packages, oldest }) => packages.find((name) => candidateMajor(name) >= oldest);

/** The major version that apt would install; 0 when it knows none. Epochs (`5:7.0.15-1`) are no part of it. */
function candidateMajor(name) {
  try {
    const policy = execFileSync('apt-cache', ['policy', name], {
      encoding: 'utf8',
      env: { ...env, LC_ALL: 'C' },
      timeout: 60_000,
    });
    return Number(/Candidate: (?:\d+:)?(\d+)/.exec(policy)?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/**
 * Debian starts a service when it installs it; only the program is wanted here. policy-rc.d is Debian's switch for
 * that, and containers ship one already. A service that this installation enabled is taken off the next boot, too.
 */
async function withoutServices(services, work) {
  const added = services.filter((name) => !existsSync(`/usr/bin/${name}`));
  if (!existsSync(policyFile))
    writeFileSync(policyFile, `#!/bin/sh\n${policyMark}\nexit 101\n`, { mode: 0o755 });
  try {
    return await work();
  } finally {
    if (readFileSync(policyFile, 'utf8').includes(policyMark)) rmSync(policyFile);
    if (existsSync('/run/systemd/system')) added.forEach(disable);
  }
}

function disable(service) {
  try {
    execFileSync('systemctl', ['disable', '--now', service], { stdio: 'ignore', timeout: 30_000 });
  } catch {
    // The one that was not installed.
  }
}
