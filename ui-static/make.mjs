// make.mjs FILE.c DEPFILE FOLDER - what the build of the engine calls: bundles the dashboard into FOLDER, writes it
// as FILE.c, and lists in DEPFILE what it was made from. Fetches the packages of package-lock.json if they
// are not there yet.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const [target, depfile, folder = ''] = process.argv.slice(2);

if (!['esbuild', 'preact', '@kern-ux/native'].every((name) => existsSync(join(here, 'node_modules', name)))) {
    execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
        cwd: here,
        stdio: 'inherit',
    });
}

// Only now: build.mjs needs the packages.
const { buildDashboard } = await import('./build.mjs');
const { embedDashboard } = await import('./embed.mjs');

const sources = await buildDashboard(resolve(folder));
await embedDashboard(resolve(folder), target);
const inputs = [
    ...sources,
    join(here, 'build.mjs'),
    join(here, 'embed.mjs'),
    join(here, 'package-lock.json'),
];
const escape = (path) => path.replace(/ /g, '\\ ');
await writeFile(depfile, `${escape(target)}: ${inputs.map(escape).join(' ')}\n`);
